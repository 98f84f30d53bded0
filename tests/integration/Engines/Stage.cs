using System.Globalization;

namespace ProcFs.Integration.Tests.Engines;

/// <summary>
/// A small host of its own: mount, pid and network namespaces in which engines run with their default paths, with the daemon at
/// <c>/usr/bin/procfs</c>, <c>/run/procfs</c> and <c>/var/lib/procfs</c>. Files that are shipped are used there as they are. When its process 1 is
/// killed, everything in it ends, and its mounts are gone.
/// </summary>
internal sealed class Stage : IDisposable
{
    private static readonly string[] CgroupsOfEngines = ["libpod_parent", "default", "k8s.io", "docker", "lxc"];

    private readonly Running _unshare;
    private readonly string _scratch;
    private readonly HashSet<string> _cgroups = [.. TopCgroups()];

    public Stage(ServedTree tree)
    {
        _scratch = tree.NewDirectory("stage");
        // crun 1.8 refuses a v2 hierarchy with controllers beside v1; out of sight it is no harm.
        string[] unseen = CgroupMounts.IsMixed ? [CgroupMounts.Unified!] : [];
        _unshare = Child.Start(["unshare", "--mount", "--pid", "--net", "--uts", "--ipc", "--fork", "--kill-child", "--mount-proc",
            "/usr/bin/python3", $"{AppContext.BaseDirectory}/Engines/stage.py", _scratch, Daemon.Binary, .. unseen]);
        try
        {
            int init = 0;
            Assert.True(Pace.Until(15, () => _unshare.Process.HasExited || ((init = Init()) != 0 && File.Exists($"/proc/{init}/root/run/stage"))), "the stage is not set");
            Assert.False(_unshare.Process.HasExited, "the stage could not be set: " + (_unshare.Process.HasExited ? _unshare.Finish(Pace.Limit(5)).Error : ""));
            Pid = init;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Its process 1, as the host sees it.</summary>
    public int Pid { get; }

    /// <summary>The daemon in it, once it was started; its log is the place to look when something fails.</summary>
    public Daemon? Server { get; private set; }

    /// <summary>What to put before a command that is to run in it.</summary>
    public string[] Inside => ["nsenter", "--target", Pid.ToString(CultureInfo.InvariantCulture), "--mount", "--pid", "--net", "--uts", "--ipc", "--",
        "env", "--chdir=/", "PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"];

    /// <summary>Starts the daemon as the manual says, if it does not run.</summary>
    public void Serve() => Server ??= Daemon.Launch(null, [.. Inside, "procfs", "supervise"]);

    /// <summary>Starts something that stays, and waits until a command succeeds that asks it something. Its log is below /run.</summary>
    public void Launch(string name, string[] command, params string[] ask)
    {
        Run(["sh", "-c", "log=$1; shift; setsid \"$@\" </dev/null >\"$log\" 2>&1 &", "sh", $"/run/{name}.log", .. command]).Ok();
        Output? answer = null;
        Assert.True(Pace.Until(20, () => (answer = Run(ask)).ExitCode == 0),
            $"{name} does not start: {answer?.Error}\n{File.ReadAllText(PathOf($"/run/{name}.log"))}");
    }

    /// <summary>Stops the daemon for good.</summary>
    public void StopServing()
    {
        Server?.Signal(Mono.Unix.Native.Signum.SIGTERM);
        Run("procfs", "serve", "--unmount").Ok();
        _ = Server?.WaitForExit();
        Server?.Dispose();
        Server = null;
    }

    public Output Run(params string[] command) => Child.RunFor(Pace.Limit(30), [.. Inside, .. command]);

    /// <summary>The path of one of its files as the host sees it. Not for what is on a mount that the daemon serves.</summary>
    public string PathOf(string path) => $"/proc/{Pid}/root{path}";

    /// <summary>Writes a file in it, with the directories above.</summary>
    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        File.WriteAllText(PathOf(path), text);
    }

    /// <summary>The containers that are registered.</summary>
    public IReadOnlyList<string> Registered =>
        Directory.Exists(PathOf("/run/procfs/registry")) ? [.. Directory.GetFiles(PathOf("/run/procfs/registry"), "*.json").Select(f => Path.GetFileNameWithoutExtension(f)!)] : [];

    /// <summary>Its mount points, each as often as something is mounted there.</summary>
    public ILookup<string, string> MountPoints => File.ReadLines($"/proc/{Pid}/mountinfo").Select(l => l.Split(' ')[4]).ToLookup(p => p, StringComparer.Ordinal);

    /// <summary>Where more is mounted than was before.</summary>
    public IReadOnlyList<string> MountsSince(ILookup<string, string> before) => [.. MountPoints.Where(p => p.Count() > before[p.Key].Count()).Select(p => p.Key)];

    /// <summary>Cgroups of the host whose path has this word.</summary>
    public static IReadOnlyList<string> CgroupsNamed(string word) => [.. CgroupMounts.All
        .SelectMany(h => Directory.EnumerateDirectories(h, "*", SearchOption.AllDirectories))
        .Where(d => d.Contains(word, StringComparison.Ordinal))];

    public void Dispose()
    {
        // Never process 0, which would be ourselves.
        if ((Pid != 0 ? Pid : Init()) is not 0 and int init)
        {
            Processes.Kill(init);
            Assert.True(Processes.Ends(init, 10), "the stage does not end");
        }

        _unshare.Dispose();
        Server?.Dispose();
        foreach (string top in TopCgroups().Where(c => !_cgroups.Contains(c)))
        {
            RemoveEmpty(top);
        }

        _ = Child.RunFor(Pace.Limit(30), "rm", "-rf", "--one-file-system", _scratch);
    }

    private int Init() => Processes.ChildrenOf(_unshare.Process.Id) is [int init, ..] ? init : 0;

    private static IEnumerable<string> TopCgroups() => CgroupMounts.All.SelectMany(Directory.GetDirectories)
        .Where(d => CgroupsOfEngines.Any(name => Path.GetFileName(d).StartsWith(name, StringComparison.Ordinal)));

    private static void RemoveEmpty(string top)
    {
        foreach (string directory in Directory.EnumerateDirectories(top, "*", SearchOption.AllDirectories).OrderByDescending(d => d.Length).Append(top))
        {
            _ = Pace.Until(2, () =>
            {
                try
                {
                    Directory.Delete(directory);
                }
                catch (IOException)
                {
                    // Its processes are ending.
                }

                return !Directory.Exists(directory);
            });
        }
    }
}
