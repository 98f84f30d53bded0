using System.Diagnostics;
using System.Text.Json.Nodes;
using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

/// <summary>Those who make a container's mounts themselves, by the list and the health that docs/executors.md promises them.</summary>
public sealed class Executors(ServedTree tree) : IDisposable
{
    private readonly Site _site = new(tree);

    public void Dispose() => _site.Dispose();

    // /procfs-test-N
    //   job                    memory 64 MiB
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_executor_of_the_document_shows_a_job_its_limit_and_runs_it_without_a_daemon_too(bool isServed)
    {
        using Daemon? daemon = isServed ? _site.Serve() : null;
        using TestCgroup job = new TestCgroup("job").Memory(64 << 20);
        string directory = Path.GetDirectoryName(job.FileOf("memory", "memory.limit_in_bytes", "memory.max"))!;
        string programs = tree.NewDirectory("programs");
        WriteProgram($"{programs}/run-job", Document());
        string[] command = _site.Command("\"$verb\"");
        WriteProgram($"{programs}/procfs", $"#!/bin/sh\nverb=$1\nshift\nexec {string.Join(' ', command)} \"$@\"\n");

        Output ran = Child.RunFor(Pace.Limit(30), "env", $"PATH={programs}:/usr/sbin:/usr/bin:/sbin:/bin", "run-job", directory, tree.ReadOnlyRoot,
            "sh", "-c", "grep -c ' /common/' /proc/self/mountinfo >&2; cat /proc/meminfo; echo $$");
        Assert.Equal(isServed ? 64 << 10 : ProcText.Kib(File.ReadAllText("/proc/meminfo"), "MemTotal"), ProcText.Kib(ran.Ok(), "MemTotal"));
        Assert.EndsWith("\n1\n", ran.Out, StringComparison.Ordinal);
        string[] told = [.. ProcText.Lines(ran.Error)];
        Assert.Equal(Inside.Text(isServed ? ServedTree.Attached.Length : 0), told[^1]);
        Assert.Equal(isServed ? 1 : 2, told.Length); // without a daemon its sentence
    }

    // /procfs-test-N
    //   container-1            memory 64 MiB, bound by the runtime
    [Theory]
    [InlineData("runc")]
    [InlineData("crun")]
    public void A_runtime_takes_the_list_as_it_is(string runtime)
    {
        using Daemon daemon = _site.Serve();
        JsonArray mounts = JsonNode.Parse(_site.Run("targets", "--oci").Ok())!.AsArray();
        using OciContainer container = tree.Run(new()
        {
            Runtime = runtime,
            IsBare = true,
            Memory = 64 << 20,
            Change = config =>
            {
                foreach (JsonNode? mount in mounts)
                {
                    config["mounts"]!.AsArray().Add(mount!.DeepClone());
                }
            },
        });
        Assert.Equal(ServedTree.Mountable, container.OurFiles.Select(line => line.Split(' ')[4].TrimStart('/')).Order(StringComparer.Ordinal));
        Assert.Equal(64 << 10, ProcText.Kib(container.Read("/proc/meminfo"), "MemTotal"));
    }

    [Fact]
    public void Health_says_dead_and_alive_again()
    {
        AssertNotServed("unserved");
        using (Daemon daemon = _site.Serve())
        {
            AssertServed(daemon.Pid);
            daemon.Signal(Signum.SIGSTOP);
            AssertNotServed("stopped");
            daemon.Signal(Signum.SIGCONT);
            AssertServed(daemon.Pid);
            Child.Run("umount", _site.Mount).Ok();
            AssertNotServed("unmounted");
            daemon.Kill();
            AssertNotServed("unserved");
        }

        using Daemon next = _site.Serve();
        AssertServed(next.Pid);
        next.Kill();
        AssertNotServed("unserved"); // the dead mount is there
    }

    private static string Document()
    {
        string page = File.ReadAllText($"{Daemon.Repository}/docs/executors.md");
        int start = page.IndexOf("#!/bin/sh\n", StringComparison.Ordinal);
        return page[start..page.IndexOf("```", start, StringComparison.Ordinal)];
    }

    private static void WriteProgram(string path, string text)
    {
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private void AssertServed(int pid)
    {
        Assert.True(Pace.Until(15, () => _site.Run("status", "--health").ExitCode == 0), _site.Run("status", "--health").Out);
        JsonNode health = JsonNode.Parse(_site.Run("status", "--health", "--json").Ok())!;
        Assert.Equal(("served", true, pid, _site.Mount), ((string)health["state"]!, (bool)health["served"]!, (int)health["server"]!, (string)health["mount"]!));
        Assert.NotEmpty(_site.Run("targets").Ok());
        TimeSpan best = Enumerable.Range(0, 5).Min(_ =>
        {
            long start = Stopwatch.GetTimestamp();
            _site.Run("status", "--health").Ok();
            return Stopwatch.GetElapsedTime(start);
        });
        TestContext.Current.TestOutputHelper?.WriteLine($"health: {best.TotalMilliseconds:0.0} ms");
        Assert.True(best < Pace.Limit(1), $"it took {best}");
    }

    private void AssertNotServed(string state)
    {
        // A signal needs a moment.
        _ = Pace.Until(15, () => State() == state);
        Assert.Equal((1, state), (_site.Run("status", "--health").ExitCode, State()));
        Assert.Equal(state, (string)JsonNode.Parse(_site.Run("status", "--json").Ok())!["state"]!);
        Output targets = _site.Run("targets", "--oci");
        Assert.Equal((1, ""), (targets.ExitCode, targets.Out));
        Assert.StartsWith($"procfs: {_site.Mount}: ", targets.Error, StringComparison.Ordinal);
        Assert.Equal(targets.Error.Length - 1, targets.Error.IndexOf('\n', StringComparison.Ordinal));

        string State() => (string)JsonNode.Parse(_site.Run("status", "--health", "--json").Out)!["state"]!;
    }
}
