using System.Runtime.CompilerServices;

namespace ProcFs.Fuzz.Targets;

/// <summary>All targets: the only list of them.</summary>
internal static class FuzzTargets
{
    private static readonly (string Name, string About, Func<IFuzzTarget> Make)[] All =
    [
        ("cgroup", "files of cgroups: all parsers, and the readers of v1 and v2 over trees of files", () => new CgroupTarget()),
        ("proc", "files of the host's proc and sys, and of a container's processes, through to the served texts", () => new ProcTarget()),
        ("fuse", "requests of the kernel, at the dispatcher of the served tree", () => new FuseTarget()),
        ("state", "a runtime's state on a hook's standard input, and what is decided and registered by it", () => new StateTarget()),
        ("config", "config.json of a bundle, edited by the wrapper; the configuration file, by hook and daemon", () => new ConfigTarget()),
        ("registry", "entries of the spool, packets of the control socket, the keeper's messages, sd_notify, the table of numbers, requests for metrics", () => new RegistryTarget()),
        ("memory", "what a daemon takes over: journal and request slots, open files, histories, triggers, counters", () => new MemoryTarget()),
    ];

    public static IEnumerable<string> Names => All.Select(target => target.Name);

    /// <summary>Null: there is none of this name.</summary>
    public static IFuzzTarget? Make(string name) => Array.Find(All, target => target.Name == name).Make?.Invoke();

    public static string AboutOf(string name) => Array.Find(All, target => target.Name == name).About;

    /// <summary>The inputs that are kept in the repository.</summary>
    public static string CorpusOf(string name) => Path.Combine(SourceDirectory(), "..", "corpus", name);

    /// <summary>The captured hosts.</summary>
    public static string Fixtures { get; } = Path.GetFullPath(Path.Combine(SourceDirectory(), "../../fixtures"));

    /// <summary>Where a run leaves what it found.</summary>
    public static string Artifacts { get; } = Path.GetFullPath(Path.Combine(SourceDirectory(), "../../../artifacts/fuzz"));

    private static string SourceDirectory([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
