using System.Globalization;
using System.Text.Json.Nodes;

namespace ProcFs.Bench;

/// <summary>What a bench wants of a container.</summary>
internal sealed record ContainerPlan
{
    /// <summary>Its init.</summary>
    public IReadOnlyList<string> Command { get; init; } = ["sleep", "infinity"];

    /// <summary>Bytes; null: no limit.</summary>
    public long? Memory { get; init; }

    /// <summary>Microseconds of CPU time per 100 ms; null: no limit.</summary>
    public int? Quota { get; init; }

    /// <summary>Files and directories of the host and where they are in the container, read-only: below /run, where mount points can be made.</summary>
    public IReadOnlyList<(string Source, string Target)> Binds { get; init; } = [];

    /// <summary>The same for one that the container may write to.</summary>
    public (string Source, string Target)? Writable { get; init; }

    /// <summary>Where else the kernel's own procfs is mounted; null: nowhere.</summary>
    public string? SecondProc { get; init; }
}

/// <summary>
/// A container started by runc with this host's own root file system, read-only, as an engine does it: a bundle with a config.json, and cgroups that
/// the runtime makes.
/// </summary>
internal sealed class Container : IDisposable
{
    private readonly string _state;
    private readonly string _id;
    private readonly string _bundle;
    private bool _isDisposed;

    /// <exception cref="BenchFailure">runc is missing, or refuses; its message is in it.</exception>
    public Container(Site site, string name, ContainerPlan plan)
    {
        _state = StateOf(site.Scratch);
        _id = $"{Path.GetFileName(site.Scratch)}-{name}";
        CgroupPath = $"{site.Cgroup}/{name}";
        _bundle = site.NewDirectory($"bundle-{name}");
        File.WriteAllText($"{_bundle}/config.json", Config(site, plan).ToJsonString());
        try
        {
            // Detached, and with files for standard streams: the init would keep our pipes open for its whole life.
            Output start = Child.Run(["sh", "-c", "log=$1; shift; exec \"$@\" </dev/null >\"$log\" 2>&1", "sh",
                $"{_bundle}/log", .. Runtime("run", "-d", "--bundle", _bundle, "--pid-file", $"{_bundle}/pid", _id)]);
            if (start.ExitCode != 0)
            {
                throw new BenchFailure($"runc cannot start a container: {Log.Trim()}");
            }

            Pid = int.Parse(File.ReadAllText($"{_bundle}/pid"), CultureInfo.InvariantCulture);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The init, as the host sees it.</summary>
    public int Pid { get; }

    /// <summary>As in /proc/PID/cgroup.</summary>
    public string CgroupPath { get; }

    /// <summary>As runc has it.</summary>
    public string Id => _id;

    /// <summary>The directory with its config.json.</summary>
    public string Bundle => _bundle;

    /// <summary>What its init wrote.</summary>
    public string Log => Processes.Read($"{_bundle}/log");

    /// <summary>How many threads its init has now.</summary>
    public int Threads => Directory.Exists($"/proc/{Pid}/task") ? Directory.GetDirectories($"/proc/{Pid}/task").Length : 0;

    /// <summary>How often its CPU quota has stopped it so far; 0 where the host has no cpu controller.</summary>
    public long Throttled
    {
        get
        {
            string line = Processes.Read($"{CgroupMounts.Of("cpu")}{CgroupPath}/cpu.stat").Split('\n').FirstOrDefault(l => l.StartsWith("nr_throttled ", StringComparison.Ordinal)) ?? "";
            return long.TryParse(line.Split(' ')[^1], CultureInfo.InvariantCulture, out long times) ? times : 0;
        }
    }

    /// <summary>Where a run keeps runc's state.</summary>
    public static string StateOf(string directory) => Path.Combine(directory, "runc");

    /// <summary>What to put before a command that is to run in the container ("docker exec").</summary>
    public string[] Exec(params string[] command) => Runtime(["exec", _id, .. command]);

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _ = Child.Run(Runtime("delete", "--force", _id));
        CgroupMounts.Remove(CgroupPath);
    }

    private string[] Runtime(params string[] arguments) => ["runc", "--root", _state, .. arguments];

    private JsonObject Config(Site site, ContainerPlan plan)
    {
        JsonArray mounts = new(
            Mount("/proc", "proc", "proc"),
            Mount("/dev", "tmpfs", "tmpfs", "nosuid", "mode=755", "size=64k"),
            Mount("/sys", "sysfs", "sysfs", "ro", "nosuid", "nodev", "noexec"),
            Mount("/tmp", "tmpfs", "tmpfs", "nosuid", "nodev"),
            Mount("/run", "tmpfs", "tmpfs", "nosuid", "nodev", "mode=755"));
        if (plan.SecondProc is { } second)
        {
            mounts.Add((JsonNode)Mount(second, "proc", "proc", "ro", "nosuid", "nodev", "noexec"));
        }

        foreach ((string source, string target) in plan.Binds)
        {
            mounts.Add((JsonNode)Mount(target, "bind", source, "bind", "ro", "nosuid", "nodev"));
        }

        if (plan.Writable is { } writable)
        {
            mounts.Add((JsonNode)Mount(writable.Target, "bind", writable.Source, "bind", "rw"));
        }

        JsonObject memory = [], cpu = [];
        if (plan.Memory is { } limit)
        {
            memory["limit"] = limit;
        }

        if (plan.Quota is { } quota)
        {
            cpu["quota"] = quota;
            cpu["period"] = 100000;
        }

        List<string> namespaces = ["pid", "ipc", "uts", "mount"];
        if (CgroupMounts.IsPureV2)
        {
            namespaces.Add("cgroup");
        }

        return new JsonObject
        {
            ["ociVersion"] = "1.0.2",
            ["hostname"] = "box",
            ["root"] = new JsonObject { ["path"] = site.Root, ["readonly"] = true },
            ["process"] = new JsonObject
            {
                ["terminal"] = false,
                ["user"] = new JsonObject { ["uid"] = 0, ["gid"] = 0 },
                ["cwd"] = "/",
                ["args"] = Words(plan.Command),
                // A bench that is not compiled natively needs the runtime that runs it here.
                ["env"] = Words(["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", $"DOTNET_ROOT={Environment.GetEnvironmentVariable("DOTNET_ROOT")}"]),
                ["capabilities"] = new JsonObject { ["bounding"] = Words(["CAP_KILL"]) },
            },
            ["mounts"] = mounts,
            ["linux"] = new JsonObject
            {
                ["cgroupsPath"] = CgroupPath,
                ["resources"] = new JsonObject { ["memory"] = memory, ["cpu"] = cpu },
                ["namespaces"] = new JsonArray([.. namespaces.Select(n => new JsonObject { ["type"] = n })]),
            },
        };
    }

    private static JsonObject Mount(string destination, string type, string source, params string[] options) => new()
    {
        ["destination"] = destination,
        ["type"] = type,
        ["source"] = source,
        ["options"] = Words(options),
    };

    private static JsonArray Words(IEnumerable<string> words) => new([.. words.Select(word => (JsonNode)word)]);
}
