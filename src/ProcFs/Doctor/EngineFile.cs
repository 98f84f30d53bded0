using ProcFs.Node;

namespace ProcFs.Doctor;

/// <summary>A file that engines are told by: where the package has it, and what stands in it, for hosts without the package.</summary>
/// <param name="Name">As packaging/share puts it below /usr/share/procfs.</param>
/// <param name="Lines">The same for a program at another path, short enough for a command line.</param>
internal sealed record EngineFile(string Name, Func<string, IReadOnlyList<string>> Lines)
{
    /// <summary>The hook of podman and CRI-O.</summary>
    public static readonly EngineFile OciHook = new("hooks.d/50-procfs.json", program =>
    [
        $$"""{ "version": "1.0.0", "hook": { "path": "{{program}}", "args": ["procfs", "hook"], "timeout": 5 }, "when": { "always": true }, "stages": ["createRuntime", "poststop"] }""",
    ]);

    /// <summary>docker's runtime.</summary>
    public static readonly EngineFile Docker = new("hooks/docker/daemon.json", program =>
        [$$"""{ "runtimes": { "procfs": { "path": "{{program}}", "runtimeArgs": ["runtime", "--enable-lxcfs"] } } }"""]);

    /// <summary>containerd's handlers for a configuration of version 2, which containerd 2.x takes as well.</summary>
    public static readonly EngineFile Containerd2 = new("hooks/containerd/config.toml", program =>
        ["version = 2", .. new ContainerdTables(2).Runc, .. new ContainerdTables(2).Ours(ContainerdTables.RuntimeBeside(program))]);

    /// <summary>The same for one of version 3: containerd 2.x alone.</summary>
    public static readonly EngineFile Containerd3 = new("hooks/containerd/config-v3.toml", program =>
        ["version = 3", .. new ContainerdTables(3).Ours(ContainerdTables.RuntimeBeside(program))]);

    /// <summary>LXC's hooks.</summary>
    public static readonly EngineFile Lxc = new("hooks/lxc/20-procfs.conf", program =>
        [$"lxc.hook.start-host = {program} hook lxc", $"lxc.hook.post-stop = {program} hook lxc"]);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<EngineFile> All => [OciHook, Docker, Containerd2, Containerd3, Lxc, Nspawn(Cli.RootOptions.DefaultMount)];

    /// <summary>The binds of a systemd-nspawn machine.</summary>
    /// <param name="mount">Where the files are served.</param>
    public static EngineFile Nspawn(string mount) => new("hooks/nspawn/procfs.nspawn", _ =>
    [
        "[Files]", $"BindReadOnly={mount}",
        .. NspawnFiles.Select(file => $"BindReadOnly={mount}/{file}:/{file}"),
    ]);

    /// <summary>Those that were served from the first version on, and are there on each kernel: nspawn starts no machine without the file of a bind.</summary>
    private static readonly string[] NspawnFiles =
    [
        "proc/cpuinfo", "proc/diskstats", "proc/loadavg", "proc/meminfo", "proc/stat", "proc/swaps", "proc/uptime", "proc/vmstat", "sys/devices/system/cpu",
    ];
}
