namespace ProcFs.Fuzz.Engine;

/// <summary>An input brought about what must not be.</summary>
/// <param name="rule">Which rule it breaks, in words that are the same for each such input.</param>
/// <param name="detail">What of this input.</param>
internal sealed class FuzzDefect(string rule, string detail = "") : Exception(detail.Length == 0 ? rule : $"{rule}: {detail}")
{
    public string Rule { get; } = rule;

    /// <exception cref="FuzzDefect">It does not hold.</exception>
    public static void Unless(bool holds, string rule, string detail = "")
    {
        if (!holds)
        {
            throw new FuzzDefect(rule, detail);
        }
    }

    /// <summary>What makes two findings the same one: the rule, or the exception and the method of ours that it came out of.</summary>
    public static string SignatureOf(Exception exception)
    {
        if (exception is FuzzDefect defect)
        {
            return defect.Rule;
        }

        string? frame = (exception.StackTrace ?? "").Split('\n').Select(line => line.Trim())
            .FirstOrDefault(line => line.StartsWith("at ProcFs.", StringComparison.Ordinal) && !line.StartsWith("at ProcFs.Fuzz.", StringComparison.Ordinal));
        return $"{exception.GetType().Name} {frame?.Split('(')[0] ?? "at an unknown place"}";
    }
}
