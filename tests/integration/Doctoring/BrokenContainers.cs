using System.Globalization;

namespace ProcFs.Integration.Tests.Doctoring;

// /procfs-test-N
//   container-1            memory 64 MiB, attached by hand

/// <summary>Containers that do not have what they should: named by doctor, and mended by what it says.</summary>
[Trait("run", "long")]
public sealed class BrokenContainers : IDisposable
{
    private readonly ServedTree _tree;
    private readonly Site _site;
    private readonly Doctor _doctor;

    public BrokenContainers(ServedTree tree)
    {
        _tree = tree;
        _site = new Site(tree);
        _doctor = new Doctor(tree, _site);
    }

    public void Dispose() => _site.Dispose();

    [Fact]
    public void One_that_lost_a_file()
    {
        using Daemon serve = _site.Serve();
        serve.Expect("containers: something attached to"); // no attach of its own is under way any more
        using OciContainer container = Attached();
        _doctor.ExpectOk("containers.files");
        Child.Run("nsenter", "--target", Text(container.Pid), "--mount", "--pid", "--", "umount", "/proc/meminfo").Ok();

        Diagnosis before = _doctor.Mend("containers.files", "bad", $"container pid-{Text(container.Pid)} (process {Text(container.Pid)}) lacks /proc/meminfo");

        Assert.Equal(1, before.ExitCode);
        Assert.Equal(64 << 10, ProcText.Kib(container.Read("/proc/meminfo"), "MemTotal"));
    }

    [Fact]
    public void One_whose_engine_hides_a_file_lacks_nothing()
    {
        using Daemon serve = _site.Serve();
        using OciContainer container = Attached(config => config["linux"]!["maskedPaths"] = Hooked.Words("/proc/loadavg", "/sys/devices/system/cpu/cpu0/thermal_throttle"));

        _doctor.ExpectOk("containers.files");
    }

    [Fact]
    public void One_that_was_detached_by_hand()
    {
        using Daemon serve = _site.Serve();
        using OciContainer container = Attached();
        Child.Run([.. _site.Command("detach"), Text(container.Pid)]).Ok();
        _doctor.ExpectOk("containers.files");

        _doctor.Mend("containers.detached", "note", $"pid-{Text(container.Pid)} was detached by hand");

        Assert.Equal(ServedTree.Attached, Hooked.Files(container));
    }

    [Fact]
    public void One_whose_files_are_dead()
    {
        using Daemon first = _site.Serve();
        using OciContainer container = _tree.Run(new() { Mount = _site.Mount, Memory = 64 << 20 });
        first.Kill();
        Diagnosis without = _doctor.LookFor("containers.dead", "bad", "dead files of ours");
        without.Expect("containers.dead", "bad", $"{ServedTree.Mountable.Length} dead files of ours");
        Daemon next;
        // Whoever would repair it at the start of the daemon waits for this lock, and is ended there.
        using (Daemon holder = Daemon.Begin(null, "/usr/bin/python3", "-c", "import fcntl,sys,time; f=open(sys.argv[1],'w'); fcntl.lockf(f,fcntl.LOCK_EX); print('held',flush=True); time.sleep(3600)", $"{_site.RunDirectory}/containers.lock"))
        {
            holder.Expect("held");
            next = _site.Serve();
            int attach = 0;
            Assert.True(Pace.Until(15, () => (attach = Processes.WithArgument(_site.RunDirectory).FirstOrDefault(pid => Processes.CommandLine(pid) is [_, "attach", ..])) != 0), next.Log);
            Processes.Kill(attach);
            Assert.True(Processes.Ends(attach, 10), "the attach does not end");
        }

        using Daemon serving = next;
        _doctor.ExpectOk("daemon");
        Diagnosis before = _doctor.Mend("containers.dead", "bad", $"{ServedTree.Mountable.Length} dead files of ours");

        Assert.Equal(1, before.ExitCode);
        Assert.Equal(64 << 10, ProcText.Kib(container.Read("/proc/meminfo"), "MemTotal"));
    }

    [Fact]
    public void Files_that_are_switched_off()
    {
        using Daemon serve = _site.Serve();
        using OciContainer container = Attached();
        Child.Run([.. _site.Command("off"), "--all", "--files", "meminfo"]).Ok();
        Diagnosis before = _doctor.Mend("containers.off", "note", "proc/meminfo is switched off for all containers", exitCode: 0);
        Assert.Equal(0, before.ExitCode);
        Child.Run([.. _site.Command("off"), $"pid-{Text(container.Pid)}"]).Ok();

        _doctor.Mend("containers.off", "note", $"files of pid-{Text(container.Pid)} are switched off");
    }

    [Theory]
    [InlineData("broken.json", "{ \"version\": 1", "it is not JSON")]
    [InlineData("broken.json", "{ \"version\": 1, \"id\": \"other\", \"pid\": 1, \"startTime\": 1, \"source\": \"hook\" }", "it belongs to a container of another name")]
    [InlineData("broken.json", null, "it is a symbolic link")]
    public void An_entry_of_the_registry_that_is_none(string name, string? text, string word)
    {
        using Daemon serve = _site.Serve();
        Directory.CreateDirectory($"{_site.RunDirectory}/registry", (UnixFileMode)0b111_000_000);
        string path = $"{_site.RunDirectory}/registry/{name}";
        if (text is null)
        {
            File.CreateSymbolicLink(path, "/nowhere");
        }
        else
        {
            File.WriteAllText(path, text);
        }

        Diagnosis before = _doctor.Mend("registry", "bad", word);

        Assert.Equal(1, before.ExitCode);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void One_that_nobody_told_of()
    {
        using Daemon serve = _site.Serve();
        using OciContainer container = _tree.Run(new() { IsBare = true });
        Told told = _doctor.LookFor("containers.unregistered", "note", "no files of ours").Expect("containers.unregistered", "note", "no files of ours");
        // Others that it names are not the test's; with more than one it says words, as some may want no files.
        string line = told.Command ?? told.Advice!;
        Assert.Contains($"--run-dir {_site.RunDirectory}", line, StringComparison.Ordinal);
        Assert.Contains(Text(container.Pid), line.Split(' ', ','));
        Child.Run([.. _site.Command("attach"), Text(container.Pid)]).Ok();

        _doctor.ExpectOk("containers.files");
        Assert.Equal(ServedTree.Attached, Hooked.Files(container));
    }

    private OciContainer Attached(Action<System.Text.Json.Nodes.JsonObject>? change = null)
    {
        OciContainer container = _tree.Run(new() { IsBare = true, Memory = 64 << 20, Change = change });
        try
        {
            Child.Run([.. _site.Command("attach"), Text(container.Pid)]).Ok();
            // Long ago: an entry that was just written is one whose files are just being brought in.
            File.SetLastWriteTimeUtc(Assert.Single(Hooked.Registered(_site.RunDirectory)), DateTime.UtcNow.AddMinutes(-1));
            return container;
        }
        catch
        {
            container.Dispose();
            throw;
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
