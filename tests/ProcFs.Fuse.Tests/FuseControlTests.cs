namespace ProcFs.Fuse.Tests;

public sealed class FuseControlTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("procfs-fusectl-").FullName;

    [Theory]
    [InlineData("0\n", 0L)]
    [InlineData("17\n", 17L)]
    [InlineData("", null)]
    [InlineData("many\n", null)]
    [InlineData("-1\n", null)]
    public void Waiting_is_a_number_or_not_known(string text, long? expected)
    {
        Directory.CreateDirectory(_root + "/49");
        File.WriteAllText(_root + "/49/waiting", text);
        Assert.Equal(expected, FuseControl.Waiting(49, _root));
    }

    [Fact]
    public void Connection_or_fusectl_that_is_not_there_is_not_known()
    {
        Assert.Null(FuseControl.Waiting(49, _root));
        Assert.Null(FuseControl.Waiting(49, _root + "/none"));
        Assert.False(FuseControl.Abort(49, _root));
        Directory.CreateDirectory(_root + "/49");
        Assert.False(FuseControl.Abort(49, _root));
        Assert.Empty(Directory.EnumerateFiles(_root + "/49")); // never made
    }

    [Fact]
    public void Abort_writes_to_the_connections_file()
    {
        Directory.CreateDirectory(_root + "/49");
        File.WriteAllText(_root + "/49/abort", "");
        Assert.True(FuseControl.Abort(49, _root));
        Assert.Equal("1", File.ReadAllText(_root + "/49/abort"));
    }

    [Fact]
    public async Task Real_connection_is_watched_and_aborted()
    {
        using RealMount mount = new(new TinyFileSystem());
        RealMount.NeedControl();
        Assert.False(mount.Device.HasEnded);
        Assert.Equal(TinyFileSystem.Meminfo, mount.Shell("cat $M/meminfo").Output);
        Assert.True(SpinWait.SpinUntil(() => FuseControl.Waiting(mount.Minor) == 0, TimeSpan.FromSeconds(10)));
        Assert.True(FuseControl.Abort(mount.Minor));
        Assert.Equal(ConnectionEnd.Aborted, await mount.Ended());
        Assert.True(mount.Device.HasEnded);
    }

    [Fact]
    public void Device_that_was_never_mounted_has_no_connection()
    {
        using FuseDevice device = RealMount.OpenDeviceOrSkip();
        Assert.True(device.HasEnded);
    }

    [Fact]
    public void Adopted_device_is_not_passed_on()
    {
        using FuseDevice device = RealMount.OpenDeviceOrSkip();
        int copy = SocketPair.Duplicate(device.Number); // close-on-exec is off
        using FuseDevice adopted = FuseDevice.Adopt(copy);
        Assert.Equal(copy, adopted.Number);
        string flags = File.ReadLines($"/proc/self/fdinfo/{copy}").Single(l => l.StartsWith("flags:", StringComparison.Ordinal));
        Assert.Equal(1, Convert.ToInt32(flags["flags:".Length..].Trim(), 8) >> 19 & 1); // O_CLOEXEC
        adopted.SetBlocking(false);
        Assert.Equal(0, Interop.Libc.IsBlocking(device.Number)); // one open file
        adopted.SetBlocking(true);
        Assert.Equal(1, Interop.Libc.IsBlocking(device.Number));
        Assert.Throws<ArgumentOutOfRangeException>(() => FuseDevice.Adopt(-1));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
