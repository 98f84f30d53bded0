using ProcFs.Fuzz.Engine;
using ProcFs.Hook.Hooking;
using ProcFs.Hook.Registration;

namespace ProcFs.Fuzz.Targets;

/// <summary>What an entry of the spool keeps to, whoever wrote it.</summary>
internal static class RegistryRules
{
    /// <summary>An entry that was understood.</summary>
    public static void Check(RegistryEntry entry)
    {
        FuzzDefect.Unless(entry.Id.Length is > 0 and <= 1024 && entry.Pid > 0 && entry.Source.Length is > 0 and <= 64, "an entry has an id, a process and a source");
        FuzzDefect.Unless(entry.Bundle is null || (entry.Bundle.StartsWith('/') && !entry.Bundle.Contains('\0')), "an entry's bundle is an absolute path");
        FuzzDefect.Unless(entry.Files is null || (entry.Files.Count <= 256 && entry.Files.All(FileNames.IsPossible)), "an entry's files can be some");
        FuzzDefect.Unless(entry.Off is null || (entry.Off.Count <= 256 && entry.Off.All(name => name == "*" || FileNames.IsPossible(name))), "an entry's files that are off can be some");
        FuzzDefect.Unless(entry.View.All(choice => ViewWords.Find(choice.Key) is not null && choice.Value.Length is > 0 and <= 64), "an entry's view has known words");
    }

    /// <summary>What is written is read again as it was.</summary>
    public static void CheckRoundTrip(RegistryEntry entry, byte[] text)
    {
        RegistryEntry? again = RegistryText.Parse(text, out string defect);
        FuzzDefect.Unless(again is not null, "an entry that was written is understood", defect);
        FuzzDefect.Unless(Same(entry, again!), "an entry that was written is read as it was");
    }

    private static bool Same(RegistryEntry one, RegistryEntry other)
        => one.Id == other.Id && one.Pid == other.Pid && one.StartTime == other.StartTime && one.Source == other.Source && one.Bundle == other.Bundle && one.IsDetached == other.IsDetached
            && Same(one.Files, other.Files) && Same(one.Off, other.Off)
            && one.View.Count == other.View.Count && one.View.All(choice => other.View.TryGetValue(choice.Key, out string? value) && value == choice.Value);

    private static bool Same(IReadOnlyList<string>? one, IReadOnlyList<string>? other) => one is null ? other is null : other is not null && one.SequenceEqual(other);
}
