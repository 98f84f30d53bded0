using System.Text.Json;
using ProcFs.Hook.Reading;

namespace ProcFs.Hook.Oci;

/// <summary>
/// What a runtime says on a hook's standard input (OCI runtime specification, "State"). Runtimes differ in what they leave out: runc has no pid
/// after the container's end and its pid 1 in createContainer, crun says 0 there; the root is in the bundle's config.json only.
/// </summary>
internal sealed record OciState
{
    private const int LongestId = 1024;

    public required string Id { get; init; }

    /// <summary>0: not told.</summary>
    public int Pid { get; init; }

    /// <summary>"creating", "created", "running" or "stopped": good for nothing but the last, as runtimes mean different things by the others.</summary>
    public string Status { get; init; } = "";

    /// <summary>The bundle's directory; null: not told, or no absolute path.</summary>
    public string? Bundle { get; init; }

    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <returns>Null when it is none; then <paramref name="defect"/> says why.</returns>
    public static OciState? Parse(ReadOnlySpan<byte> text, out string defect)
    {
        string? id = null;
        string? status = null;
        string? bundle = null;
        long pid = 0;
        Dictionary<string, string> annotations = [];
        defect = JsonText.ReadObject(text, (ref reader, name) =>
        {
            switch (name)
            {
                case "id": id = JsonText.Text(ref reader); break;
                case "status": status = JsonText.Text(ref reader); break;
                case "bundle": bundle = JsonText.Text(ref reader); break;
                case "pid": pid = JsonText.Number(ref reader) ?? 0; break;
                case "annotations": Read(ref reader, annotations); break;
            }
        }) ?? (id is null or "" || id.Length > LongestId ? $"its \"id\" is not a text of 1 to {LongestId} characters" : "");
        return defect.Length > 0 ? null : new OciState
        {
            Id = id!,
            Pid = pid is > 0 and <= int.MaxValue ? (int)pid : 0,
            Status = status ?? "",
            Bundle = bundle is not null && bundle.StartsWith('/') && !bundle.Contains('\0') ? bundle : null,
            Annotations = annotations,
        };
    }

    /// <summary>Annotations are texts; anything else there is left out.</summary>
    internal static void Read(ref Utf8JsonReader reader, Dictionary<string, string> annotations)
        => JsonText.ReadMembers(ref reader, (ref value, key) =>
        {
            if (JsonText.Text(ref value) is { } text)
            {
                annotations[key] = text;
            }
        });
}
