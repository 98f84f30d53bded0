namespace ProcFs.Integration.Tests.Doctoring;

/// <summary>Directories, devices and files that are not as they should be: named by doctor, and mended by what it says.</summary>
[Trait("run", "long")]
public sealed class BrokenPlaces : IDisposable
{
    private readonly ServedTree _tree;
    private readonly Site _site;
    private readonly Doctor _doctor;

    public BrokenPlaces(ServedTree tree)
    {
        _tree = tree;
        _site = new Site(tree);
        _doctor = new Doctor(tree, _site);
    }

    public void Dispose() => _site.Dispose();

    [Theory]
    [InlineData("{ \"worker\": 2 }", "unknown key \"worker\"")]
    [InlineData("{ \"workers\": 2", "this is not JSON")]
    public void A_configuration_that_cannot_be_used(string config, string word)
    {
        using Site site = new(_tree, "{}");
        using Daemon supervise = site.Supervise();
        Doctor doctor = new(_tree, site);
        Assert.Equal(0, doctor.LookFor(exitCode: 0).ExitCode);
        site.Configure(config);

        Diagnosis before = doctor.Mend("config", "bad", word);

        Assert.Equal(2, before.ExitCode);
        Assert.Equal(0, doctor.LookFor(exitCode: 0).ExitCode);
    }

    [Fact]
    public void A_mount_point_with_directories_that_docker_made()
    {
        Directory.CreateDirectory($"{_site.Mount}/proc/meminfo");
        Directory.CreateDirectory($"{_site.Mount}/proc/stat");
        _site.AssertRefused("is not empty", _site.ServeCommand);

        _doctor.Mend("mount", "bad", "as docker run -v makes");

        using Daemon serve = _site.Serve();
        _doctor.ExpectOk("mount");
    }

    [Fact]
    public void A_mount_point_with_somebodys_files()
    {
        File.WriteAllText($"{_site.Mount}/precious", "1");

        _doctor.Mend("mount", "bad", "files of somebody's");

        Assert.Equal("1", File.ReadAllText($"{_site.Mount}.old/precious"));
        using Daemon serve = _site.Serve();
        _doctor.ExpectOk("mount");
    }

    [Fact]
    public void A_mount_point_that_something_else_is_mounted_on()
    {
        using Daemon serve = _site.Serve();
        Child.Run("mount", "-t", "tmpfs", "-o", "size=64k", "stranger", _site.Mount).Ok();

        _doctor.Mend("mount", "bad", "a tmpfs from \"stranger\" is mounted on");

        _site.AssertServedSoon();
    }

    [Fact]
    public void A_mount_point_that_is_not_there()
    {
        Directory.Delete(_site.Mount);

        _doctor.Mend("mount", "bad", $"there is no {_site.Mount}");

        using Daemon serve = _site.Serve();
    }

    [Fact]
    public void A_run_directory_that_others_can_enter()
    {
        using Daemon serve = _site.Serve();
        File.SetUnixFileMode(_site.RunDirectory, (UnixFileMode)0b111_101_101);
        Assert.Equal(1, _doctor.LookFor(exitCode: 1).ExitCode);

        _doctor.Mend("run-directory", "bad", "is open to others (mode 755)");

        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(_site.RunDirectory));
    }

    [Fact]
    public void A_run_directory_of_another_user()
    {
        using Daemon serve = _site.Serve();
        Child.Run("chown", "65534", $"{_site.RunDirectory}").Ok();

        _doctor.Mend("run-directory", "bad", "belongs to user 65534");
    }

    [Fact]
    public void A_run_directory_that_is_full()
    {
        Child.Run("mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "small", _site.RunDirectory).Ok();
        try
        {
            File.WriteAllBytes($"{_site.RunDirectory}/filler", new byte[3 << 19]);

            Told told = _doctor.Look().Expect("run-directory.room", "bad", "is full");

            Assert.Contains($"mount -o remount,size=… {_site.RunDirectory}", told.Advice, StringComparison.Ordinal);
            Child.Run("mount", "-o", "remount,size=8m", _site.RunDirectory).Ok();
            _doctor.ExpectOk("run-directory.room");
        }
        finally
        {
            Child.Run("umount", "--lazy", _site.RunDirectory).Ok();
        }
    }

    [Fact]
    public void A_host_without_the_device()
    {
        using Namespace place = new();
        place.Run("mount", "-t", "tmpfs", "none", "/dev").Ok();
        place.Run("mknod", "-m", "666", "/dev/null", "c", "1", "3").Ok();
        Doctor doctor = new(_tree.NewDirectory("doctor"), place.Inside, _site.Command("doctor")[2..]);

        Diagnosis before = doctor.Mend("fuse.device", "bad", "there is no /dev/fuse");

        Assert.Equal(1, before.ExitCode);
        place.Run("sh", "-c", "rm /dev/fuse && : >/dev/fuse").Ok();
        doctor.Mend("fuse.device", "bad", "is not the device 10:229");
    }

    [Fact]
    public void A_host_without_fusectl()
    {
        using Namespace place = new();
        _ = place.Run("umount", "/sys/fs/fuse/connections");
        Doctor doctor = new(_tree.NewDirectory("doctor"), place.Inside, _site.Command("doctor")[2..]);

        doctor.Mend("fuse.control", "note", "nothing is mounted on /sys/fs/fuse/connections");
    }

    [Fact]
    public void A_place_on_somebodys_FUSE_mount_is_not_looked_at()
    {
        using Daemon serve = _site.Serve();

        Output output = Child.Run(Daemon.Binary, "doctor", "--run-dir", $"{_site.Mount}/proc");

        Assert.Equal(2, output.ExitCode);
        Assert.Contains("lies on a FUSE mount", output.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_root_it_says_what_it_did_not_see()
    {
        string program = $"{_tree.NewDirectory("program")}/procfs";
        Output output = Child.Run("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", Daemon.Binary, "doctor", "--mount", _site.Mount, "--run-dir", $"{program}-no-such");
        Assert.SkipWhen(output.Error.Contains("Permission denied", StringComparison.Ordinal), "the program lies where nobody else may go");

        Assert.Contains("this is not root", output.Out, StringComparison.Ordinal);
        Assert.Equal(3, output.ExitCode);
    }
}
