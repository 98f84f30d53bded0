using System.Text.Json;

namespace ProcFs.Integration.Tests.Support;

/// <summary>One kind of thing that a reader found wrong: how often, and the first few in full.</summary>
internal sealed record Findings(int Count, IReadOnlyList<Finding> First);

internal sealed record Finding(string File, string What, string? Text);

/// <summary>What reader.py says at its end.</summary>
internal sealed record ReaderReport(
    long Calls, long Texts, Findings Failed, Findings Corrupt, Findings Falls, Findings Hung, double LongestMs, string Longest)
{
    private static readonly JsonSerializerOptions CamelCase = new(JsonSerializerDefaults.Web);

    public static ReaderReport Parse(string json) =>
        JsonSerializer.Deserialize<ReaderReport>(json, CamelCase) ?? throw new InvalidDataException(json);

    /// <summary>Everything that was wrong; nothing: empty.</summary>
    public string Troubles => string.Join('\n', new[] { (nameof(Failed), Failed), (nameof(Corrupt), Corrupt), (nameof(Falls), Falls), (nameof(Hung), Hung) }
        .Where(kind => kind.Item2.Count > 0)
        .Select(kind => $"{kind.Item1}: {kind.Item2.Count}\n" + string.Join('\n', kind.Item2.First.Select(f => $"  {f.File}: {f.What}\n{f.Text}"))));
}
