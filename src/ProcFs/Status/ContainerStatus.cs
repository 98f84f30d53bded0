using ProcFs.Hook.Registration;
using ProcFs.Metrics;
using ProcFs.Serving;

namespace ProcFs.Status;

/// <summary>One registered container at one moment.</summary>
/// <param name="Entry">What was registered.</param>
/// <param name="Number">Its directory in c/; 0: it has none.</param>
/// <param name="Values">What it is shown, and why.</param>
/// <param name="Mounts">Files of ours in it; null: that could not be read.</param>
/// <param name="Reads">Texts begun for it; null: they are not counted.</param>
/// <param name="SinceRead">How long ago the last of them was; null: there was none.</param>
/// <param name="ReadsPerSecond">Over the last seconds; null: nobody has worked it out.</param>
internal sealed record ContainerStatus(
    RegistryEntry Entry, ulong Number, IReadOnlyList<ExplainedValue> Values, MountCounts? Mounts, long? Reads, TimeSpan? SinceRead, double? ReadsPerSecond)
{
    /// <summary>What it is shown of something: "cpus", "memory" …</summary>
    public string this[string name] => Values.First(value => value.Name == name).Value;
}
