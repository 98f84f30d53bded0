using ProcFs.Hook.Settings;

namespace ProcFs.Hook.Hooking;

/// <summary>Whether a container gets files, and which. docs/hook.md has the order in which wishes count.</summary>
internal static class Decision
{
    public const string EnableAnnotation = "io.procfs.enable";
    public const string FilesAnnotation = "io.procfs.files";

    public static Verdict Of(Wishes wishes)
    {
        List<string> remarks = [];
        bool? isWanted = wishes.Annotation(EnableAnnotation) switch
        {
            null => null,
            "1" or "true" => true,
            "0" or "false" => false,
            string other => Unknown(remarks, EnableAnnotation, other, "0 or 1"),
        };
        string? skip = isWanted switch
        {
            false => $"its annotation {EnableAnnotation} says so",
            null when wishes.Config.IsDisabledByEnvironment => "PROCFS_DISABLE in its environment says so",
            null when wishes.Enable == EnableMode.Annotation => $"it has no annotation {EnableAnnotation}=1",
            null when wishes.OnlyLimited && !wishes.Config.IsLimited => "it has no limit of memory or CPUs",
            _ when !wishes.Config.HasOwnMountNamespace => "it has no mount namespace of its own",
            _ when !wishes.Config.HasProc => "no procfs is mounted on its /proc",
            _ => null,
        };
        IReadOnlyList<string>? files = wishes.Files;
        if (wishes.Annotation(FilesAnnotation) is { } choice)
        {
            files = FileChoice.Parse(choice, out IReadOnlyList<string> strange);
            foreach (string word in strange)
            {
                remarks.Add($"its annotation {FilesAnnotation} has \"{word}\", which is no name of a file");
            }
        }

        skip ??= files is { Count: 0 } ? $"its annotation {FilesAnnotation} names no file" : null;
        return new Verdict(skip, files, ViewOf(wishes, remarks), remarks);
    }

    private static Dictionary<string, string> ViewOf(Wishes wishes, List<string> remarks)
    {
        Dictionary<string, string> view = new(wishes.View ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        foreach (ViewWord word in ViewWords.All)
        {
            if (wishes.Annotation(word.Annotation) is not { } value)
            {
                continue;
            }

            if (word.IsPossible(value))
            {
                view[word.Name] = value;
            }
            else
            {
                _ = Unknown(remarks, word.Annotation, value, word.Expected);
            }
        }

        return view;
    }

    private static bool? Unknown(List<string> remarks, string annotation, string value, string expected)
    {
        remarks.Add($"its annotation {annotation} is \"{value}\" and should be {expected}: it does not count");
        return null;
    }
}
