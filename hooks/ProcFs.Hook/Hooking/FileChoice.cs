using ProcFs.Hook.Registration;

namespace ProcFs.Hook.Hooking;

/// <summary>The annotation io.procfs.files: "meminfo,stat,cpu/online".</summary>
internal static class FileChoice
{
    private const int Most = 256;

    /// <summary>
    /// The names as "proc/meminfo", each once. Of "meminfo" the directory is /proc, of "cpu/online" it is /sys/devices/system/cpu; "cpu" is that itself. What cannot be
    /// a name is left out and told by <paramref name="strange"/>.
    /// </summary>
    public static IReadOnlyList<string> Parse(string text, out IReadOnlyList<string> strange)
    {
        List<string> files = [];
        List<string> others = [];
        foreach (Range range in text.AsSpan().Split(','))
        {
            string word = text[range].Trim();
            if (word.Length == 0)
            {
                continue;
            }

            string file = FullName(word.StartsWith('/') ? word[1..] : word);
            bool fits = FileNames.IsPossible(file) && files.Count < Most;
            if (!fits)
            {
                others.Add(word);
            }
            else if (!files.Contains(file))
            {
                files.Add(file);
            }
        }

        strange = others;
        return files;
    }

    private static string FullName(string name)
        => name.StartsWith("proc/", StringComparison.Ordinal) || name.StartsWith("sys/", StringComparison.Ordinal) ? name
        : name == "cpu" || name.StartsWith("cpu/", StringComparison.Ordinal) ? "sys/devices/system/" + name
        : "proc/" + name;
}
