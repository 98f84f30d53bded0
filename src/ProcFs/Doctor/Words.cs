namespace ProcFs.Doctor;

/// <summary>Texts that several checks make.</summary>
internal static class Words
{
    /// <summary>"a, b, c and 4 more".</summary>
    public static string Some(IReadOnlyCollection<string> names, int most = 3)
        => string.Join(", ", names.Take(most)) + (names.Count > most ? $" and {names.Count - most} more" : "");

    /// <summary>"1 container", "3 containers".</summary>
    public static string Count(int number, string what) => number == 1 ? $"1 {what}" : $"{number} {what}s";

    /// <summary>A message of the runtime or the kernel as the end of one of our sentences.</summary>
    public static string Plain(string message) => message.Split(" : '")[0].ReplaceLineEndings(" ").TrimEnd('.');
}
