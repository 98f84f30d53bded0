namespace ProcFs.Configuration;

/// <summary>A security context of SELinux as text: user:role:type, and a level where the policy has levels.</summary>
internal static class SelinuxLabel
{
    /// <summary>What a label must be, for people.</summary>
    public const string Expected = "a SELinux label, user:role:type or user:role:type:level, as " + ForContainers;

    /// <summary>What the policies of Fedora and its relatives let each container read.</summary>
    public const string ForContainers = "system_u:object_r:container_file_t:s0";

    private const int Longest = 1024; // of the page that mount(2) takes all options in
    private const int Names = 3;      // user, role and type come before the level

    /// <summary>
    /// Whether a text has the form of a label; whether the kernel's policy knows its names is only said at the mount. No quote and no blank
    /// is in one, and a comma only in the level.
    /// </summary>
    public static bool IsLabel(string text)
    {
        string[] parts = text.Split(':', Names + 1);
        return text.Length <= Longest && parts.Length >= Names && parts[..Names].All(IsName) && (parts.Length == Names || IsLevel(parts[Names]));
    }

    private static bool IsName(string name) => name.Length > 0 && name.All(IsOfName);

    private static bool IsOfName(char character) => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '.';

    /// <summary>"s0", "s0:c1,c2", "s0-s15:c0.c1023": one level, or the lowest and the highest.</summary>
    private static bool IsLevel(string level) => level.Split('-') is { Length: <= 2 } ends && ends.All(IsEnd);

    private static bool IsEnd(string end)
    {
        string[] parts = end.Split(':');
        return parts.Length <= 2 && IsWord(parts[0]) && (parts.Length == 1 || parts[1].Split(',').All(IsWord));
    }

    private static bool IsWord(string word) => word.Length > 0 && word.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '.');
}
