using ProcFs.Hook.Oci;
using ProcFs.Hook.Settings;

namespace ProcFs.Hook.Hooking;

/// <summary>All that is said of one container, by whoever has a say.</summary>
/// <param name="Config">The bundle's config.json.</param>
/// <param name="StateAnnotations">Those of the runtime's state: of two with one name, these count.</param>
/// <param name="Enable">--enable, or the configuration's "enable".</param>
/// <param name="OnlyLimited">--only-limited.</param>
/// <param name="Files">--files; null: all.</param>
/// <param name="View">The choices of <see cref="ViewWords"/> on the command line, by name; what is not in it is as the daemon is configured.</param>
internal sealed record Wishes(
    OciConfig Config,
    IReadOnlyDictionary<string, string> StateAnnotations,
    EnableMode Enable = EnableMode.Always,
    bool OnlyLimited = false,
    IReadOnlyList<string>? Files = null,
    IReadOnlyDictionary<string, string>? View = null)
{
    /// <summary>An annotation of the container; null: it has none of that name.</summary>
    public string? Annotation(string name) => StateAnnotations.TryGetValue(name, out string? value) || Config.Annotations.TryGetValue(name, out value) ? value : null;
}
