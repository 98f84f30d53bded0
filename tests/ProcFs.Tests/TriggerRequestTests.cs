using System.Text;
using ProcFs.Containers;
using ProcFs.Triggers;

namespace ProcFs.Tests;

/// <summary>What can be written to a pressure file, and who may.</summary>
public sealed class TriggerRequestTests
{
    [Theory]
    [InlineData("some 150000 1000000", false, 150000, 1000000)]
    [InlineData("full 10000 2000000\n", true, 10000, 2000000)]
    [InlineData("full 10000 2000000\0", true, 10000, 2000000)]
    [InlineData("full 10000 2000000\n\0", true, 10000, 2000000)]
    [InlineData("full 10000 2000000\0garbage", true, 10000, 2000000)] // the kernel's text ends there, too
    [InlineData("some\t1  1 \n\n", false, 1, 1)]
    [InlineData("some 10000000 10000000", false, 10_000_000, 10_000_000)]
    [InlineData("some 00000000000150000 02000000", false, 150000, 2_000_000)]
    public void What_the_kernel_takes_is_taken(string text, bool isFull, int threshold, int window)
    {
        Assert.True(TriggerRequest.TryParse(Encoding.Latin1.GetBytes(text), out TriggerRequest request));
        Assert.Equal(new TriggerRequest(isFull, threshold, window), request);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0")]
    [InlineData("\n")]
    [InlineData("some")]
    [InlineData("some 150000")]
    [InlineData("bad 1 2")]
    [InlineData("SOME 1 2000000")]
    [InlineData(" some 1 2000000")]
    [InlineData("some1 2000000")]
    [InlineData("some 500000 11000000")]
    [InlineData("some 0 2000000")]
    [InlineData("some 2000001 2000000")]
    [InlineData("some -1 2000000")]
    [InlineData("some +1 2000000")]
    [InlineData("some 1 -2000000")]
    [InlineData("some 0x10 2000000")]
    [InlineData("some 1.5 2000000")]
    [InlineData("some 150000 2000000 x")]
    [InlineData("some 150000 2000000x")]
    [InlineData("some 150000 2000000\nsome 1 2000000")]
    [InlineData("some 4294967297 4294967298")] // would wrap to 1 and 2
    [InlineData("some 1 18446744073709551618")]
    [InlineData("some 1 99999999999999999999999999999999999999999999")]
    public void Anything_else_is_not(string text) => Assert.False(TriggerRequest.TryParse(Encoding.Latin1.GetBytes(text), out _));

    [Theory]
    [InlineData(2_000_000, false)]
    [InlineData(10_000_000, false)]
    [InlineData(1_000_000, true)]
    [InlineData(1, true)]
    [InlineData(2_000_001, true)]
    public void Only_windows_of_whole_averages_are_for_everybody(int window, bool isPrivileged)
        => Assert.Equal(isPrivileged, new TriggerRequest(false, 1, window).NeedsPrivilege);

    [Fact]
    public void What_is_read_is_written_the_same_with_NUL()
        => Assert.Equal("full 10000 2000000\0", Encoding.ASCII.GetString(new TriggerRequest(true, 10000, 2_000_000).Format()));

    [Fact]
    public void Any_bytes_at_all_are_harmless()
    {
        Random random = new(4711);
        byte[] seed = Encoding.ASCII.GetBytes("some 150000 2000000\0\n full");
        for (int i = 0; i < 100_000; i++)
        {
            byte[] text = seed[..random.Next(seed.Length + 1)];
            for (int changes = random.Next(4); changes > 0 && text.Length > 0; changes--)
            {
                text[random.Next(text.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : seed[random.Next(seed.Length)];
            }

            Assert.True(!TriggerRequest.TryParse(text, out TriggerRequest request) || request.IsPossible);
        }
    }

    [Theory]
    [InlineData("some avg10=0.00 avg60=0.00 avg300=0.00 total=12\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=34\n", 12L, 34L)]
    [InlineData("full avg10=0.00 avg60=0.00 avg300=0.00 total=34\n", null, 34L)]
    [InlineData("some total=x\nfull\n", null, null)]
    [InlineData("", null, null)]
    public void The_time_lost_is_read_by_its_line(string text, long? some, long? full)
    {
        Assert.Equal(some, PressureText.TotalOf(Encoding.ASCII.GetBytes(text), isFull: false));
        Assert.Equal(full, PressureText.TotalOf(Encoding.ASCII.GetBytes(text), isFull: true));
    }

    [Theory]
    [InlineData("Name:\tx\nCapEff:\t0000000001000000\n", true)]
    [InlineData("Name:\tx\nCapEff:\t000001ffffffffff\n", true)]
    [InlineData("Name:\tx\nCapEff:\t000001fffeffffff\n", false)]
    [InlineData("CapPrm:\t0000000001000000\nCapEff:\t0000000000000000\n", false)]
    [InlineData("CapEff:\t-1\n", false)]
    [InlineData("", false)]
    public void CAP_SYS_RESOURCE_counts_when_it_is_effective(string status, bool isCapable)
        => Assert.Equal(isCapable, CallerRights.IsSet(Encoding.ASCII.GetBytes(status), 24));

    [Theory]
    [InlineData("user:[4026531837]", true)]
    [InlineData("user:[4026532999]", false)] // root of a user namespace of its own has all capabilities there
    [InlineData(null, false)]
    public void It_counts_in_the_hosts_user_namespace_alone(string? userNamespace, bool isCapable)
    {
        using HostTree host = HostTree.V2().Process(10, 1, "/c");
        host.Write("proc/10/status", "CapEff:\t0000000001000000\n");
        if (userNamespace is not null)
        {
            File.CreateSymbolicLink(host.Path("proc/10/ns/user"), userNamespace);
        }

        using ProcRoot proc = new(host.Path("proc"));
        Assert.Equal(isCapable, CallerRights.HasSysResource(proc, 10, 4026531837));
        Assert.False(CallerRights.HasSysResource(proc, 0, 4026531837));
        Assert.False(CallerRights.HasSysResource(proc, 11, 4026531837));
        Assert.False(CallerRights.HasSysResource(proc, 10, 0));
    }
}
