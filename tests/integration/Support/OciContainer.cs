using System.Globalization;
using System.Text.Json.Nodes;

namespace ProcFs.Integration.Tests.Support;

/// <summary>What a test wants of a container.</summary>
internal sealed record ContainerOptions
{
    public string Runtime { get; init; } = "runc";

    /// <summary>Bytes.</summary>
    public long? Memory { get; init; }

    /// <summary>Memory and swap together, in bytes, as the OCI specification has it.</summary>
    public long? MemoryAndSwap { get; init; }

    /// <summary>Microseconds of CPU time per 100 ms.</summary>
    public int? Quota { get; init; }

    public string? Cpuset { get; init; }

    /// <summary>The init of the container.</summary>
    public string[] Command { get; init; } = ["sleep", "infinity"];

    /// <summary>Where its cgroup goes, when not below the tests' own; relative to <see cref="TestCgroup.Parent"/>.</summary>
    public string? Cgroup { get; init; }

    /// <summary>A directory of the host that the container can write to, at the same path. It must be below /tmp or /run.</summary>
    public string? Writable { get; init; }

    /// <summary>It starts without any of the files.</summary>
    public bool IsBare { get; init; }

    /// <summary>The process whose pid namespace it shares; 1: the host's; 0: it has its own.</summary>
    public int SharesPidsWith { get; init; }

    /// <summary>A command that the runtime calls before the container's own begins (createRuntime).</summary>
    public string[] Hook { get; init; } = [];

    /// <summary>Whose files it gets, when not those of the tests' own daemon.</summary>
    public string? Mount { get; init; }

    /// <summary>Changes its config.json before it is made.</summary>
    public Action<JsonObject>? Change { get; init; }

    /// <summary>What is called in the place of the runtime.</summary>
    public string[]? Wrapper { get; init; }
}

/// <summary>
/// A container started by runc or crun, with this host's own root file system (read-only) and ProcFs's files over /proc and /sys.
/// The runtimes are called as an engine calls them: a bundle with a config.json, cgroup paths made by the runtime itself.
/// </summary>
internal sealed class OciContainer : IDisposable
{
    private static int _count;

    private readonly ServedTree _tree;
    private readonly ContainerOptions _options;
    private readonly string _bundle;
    private readonly string _id;

    public OciContainer(ServedTree tree, ContainerOptions options)
    {
        _tree = tree;
        _options = options;
        int number = Interlocked.Increment(ref _count);
        _id = $"procfs-test-{Environment.ProcessId}-{number}";
        CgroupPath = $"{TestCgroup.Parent}/{options.Cgroup ?? $"container-{number}"}";
        _bundle = Directory.CreateDirectory($"{tree.Scratch}/bundle-{number}").FullName;
        JsonObject config = Config();
        options.Change?.Invoke(config);
        File.WriteAllText($"{_bundle}/config.json", config.ToJsonString());
        try
        {
            // Detached, and with files for standard streams: the init would keep our pipes open for its whole life.
            Output start = Child.Run(["sh", "-c", "log=$1; shift; exec \"$@\" </dev/null >\"$log\" 2>&1", "sh",
                $"{_bundle}/log", .. Runtime("run", "-d", "--bundle", _bundle, _id)]);
            Assert.True(start.ExitCode == 0, $"{options.Runtime} run: {Log}");
            JsonNode state = JsonNode.Parse(Child.Run(Runtime("state", _id)).Ok())!;
            Pid = (int)state["pid"]!;
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

    /// <summary>The directory with its config.json.</summary>
    public string Bundle => _bundle;

    /// <summary>As the runtime has it.</summary>
    public string Id => _id;

    /// <summary>What the init and the runtime wrote.</summary>
    public string Log => File.Exists($"{_bundle}/log") ? File.ReadAllText($"{_bundle}/log") : "";

    /// <summary>The container's root directory, seen from the host; its /tmp is its own.</summary>
    public string Root => $"/proc/{Pid}/root";

    /// <summary>Runs a command in the container as the engine does ("docker exec").</summary>
    public Output Exec(params string[] command) => Child.Run(Runtime(["exec", _id, .. command]));

    public Output ExecFor(TimeSpan limit, params string[] command) => Child.RunFor(limit, Runtime(["exec", _id, .. command]));

    /// <summary>The mounts of ours on its files. Where mounts propagate it may see the host's mount points as well: these are not among them.</summary>
    public IReadOnlyList<string> OurFiles => [.. File.ReadLines($"/proc/{Pid}/mountinfo")
        .Where(l => l.Contains(" - fuse.procfs ", StringComparison.Ordinal) && l.Split(' ')[4].Split('/')[1] is "proc" or "sys")];

    /// <summary>What to put before a command that is to run in the container.</summary>
    public string[] ExecCommand() => Runtime("exec", _id);

    public Running Start(params string[] command) => Child.Start(Runtime(["exec", _id, .. command]));

    public Output Shell(string script, params string[] arguments) => Exec(["sh", "-c", script, "sh", .. arguments]);

    public Output Python(string script, params string[] arguments) => Exec(["/usr/bin/python3", "-c", script, .. arguments]);

    /// <summary>The text of a file as a process in the container reads it.</summary>
    public string Read(string path) => Exec("cat", path).Ok();

    public void Dispose()
    {
        _ = Child.Run(Runtime("delete", "--force", _id));
        // An attached one leaves the registry when the daemon sees its end; the next test may count.
        _ = Pace.Until(5, () => !File.Exists(string.Create(CultureInfo.InvariantCulture, $"{_tree.RunDirectory}/registry/pid-{Pid}.json")));
        TestCgroup.Remove(CgroupPath);
        Directory.Delete(_bundle, recursive: true);
    }

    private string[] Runtime(params string[] arguments)
    {
        string[] command = [.. _options.Wrapper ?? [_options.Runtime], "--root", $"{_tree.Scratch}/state-{_options.Runtime}", .. arguments];
        return _options.Runtime == "crun" && CgroupMounts.IsMixed
            // crun refuses a v2 hierarchy with controllers beside v1; without it in sight it works with v1 as ever.
            ? ["unshare", "--mount", "sh", "-c", $"umount {CgroupMounts.Unified} && exec \"$@\"", "sh", .. command]
            : command;
    }

    private JsonObject Config()
    {
        JsonArray mounts =
        [
            Mount("/proc", "proc", "proc"),
            Mount("/dev", "tmpfs", "tmpfs", "nosuid", "mode=755", "size=64k"),
            Mount("/sys", "sysfs", "sysfs", "ro", "nosuid", "nodev", "noexec"),
            Mount("/tmp", "tmpfs", "tmpfs", "nosuid", "nodev"),
            Mount("/run", "tmpfs", "tmpfs", "nosuid", "nodev"),
        ];
        foreach (string file in _options.IsBare ? [] : ServedTree.Mountable)
        {
            mounts.Add(Mount("/" + file, "bind", $"{_options.Mount ?? _tree.Mount}/{file}", "bind", "ro", "nosuid", "nodev", "noexec"));
        }

        if (_options.Writable is { } writable)
        {
            mounts.Add(Mount(writable, "bind", writable, "bind", "rw"));
        }

        JsonObject resources = new() { ["memory"] = new JsonObject(), ["cpu"] = new JsonObject() };
        Set(resources["memory"]!, "limit", _options.Memory);
        Set(resources["memory"]!, "swap", _options.MemoryAndSwap);
        if (_options.Quota is { } quota)
        {
            Set(resources["cpu"]!, "quota", quota);
            Set(resources["cpu"]!, "period", 100000);
        }

        if (_options.Cpuset is { } cpuset)
        {
            resources["cpu"]!["cpus"] = cpuset;
        }

        List<string> namespaces = ["ipc", "uts", "mount"];
        if (CgroupMounts.IsPureV2)
        {
            namespaces.Add("cgroup");
            mounts.Add(Mount("/sys/fs/cgroup", "cgroup", "cgroup", "ro", "nosuid", "nodev", "noexec"));
        }

        return new JsonObject
        {
            ["ociVersion"] = "1.0.2",
            ["hostname"] = "box",
            ["root"] = new JsonObject { ["path"] = _tree.ReadOnlyRoot, ["readonly"] = true },
            ["process"] = new JsonObject
            {
                ["terminal"] = false,
                ["user"] = new JsonObject { ["uid"] = 0, ["gid"] = 0 },
                ["cwd"] = "/",
                ["args"] = new JsonArray([.. _options.Command.Select(a => JsonValue.Create(a))]),
                ["env"] = new JsonArray("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"),
                // The files must refuse writers even of a root that may override permissions.
                ["capabilities"] = Capabilities("CAP_DAC_OVERRIDE", "CAP_KILL", "CAP_SYS_NICE"),
            },
            ["mounts"] = mounts,
            ["hooks"] = Hooks(),
            ["linux"] = new JsonObject
            {
                ["cgroupsPath"] = CgroupPath,
                ["resources"] = resources,
                ["namespaces"] = new JsonArray([.. namespaces.Select(n => new JsonObject { ["type"] = n }), .. PidNamespace()]),
            },
        };
    }

    private JsonObject Hooks()
    {
        if (_options.Hook.Length == 0)
        {
            return [];
        }

        string[] paths = (Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin").Split(':');
        string program = paths.Select(p => Path.Combine(p, _options.Hook[0])).First(File.Exists); // the specification wants an absolute one
        JsonObject hook = new() { ["path"] = program, ["args"] = new JsonArray([.. _options.Hook.Select(a => JsonValue.Create(a))]) };
        return new JsonObject { ["createRuntime"] = new JsonArray(hook) };
    }

    /// <summary>None in its list: the host's.</summary>
    private JsonObject[] PidNamespace() => _options.SharesPidsWith switch
    {
        0 => [new JsonObject { ["type"] = "pid" }],
        1 => [],
        int other => [new JsonObject { ["type"] = "pid", ["path"] = $"/proc/{other}/ns/pid" }],
    };

    private static void Set(JsonNode target, string key, long? value)
    {
        if (value is { } number)
        {
            target[key] = number;
        }
    }

    private static JsonObject Capabilities(params string[] names)
    {
        JsonObject sets = [];
        foreach (string set in new[] { "bounding", "effective", "permitted" })
        {
            sets[set] = new JsonArray([.. names.Select(n => JsonValue.Create(n))]);
        }

        return sets;
    }

    private static JsonObject Mount(string destination, string type, string source, params string[] options) => new()
    {
        ["destination"] = destination,
        ["type"] = type,
        ["source"] = source,
        ["options"] = new JsonArray([.. options.Select(o => JsonValue.Create(o))]),
    };
}
