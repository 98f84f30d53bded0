using ProcFs.Hook.Reading;
using ProcFs.Interop;

namespace ProcFs.Hook.Settings;

/// <summary>The keys of the configuration file that hook and wrapper use; the others are the daemon's, which complains about what is wrong with them.</summary>
/// <param name="Enable">The key "enable".</param>
/// <param name="Runtime">The key "runtime": name or path of the real runtime; null: the first one that is found.</param>
public sealed record HookSettings(EnableMode Enable = EnableMode.Always, string? Runtime = null)
{
    /// <summary>The file that is read when none is named.</summary>
    public const string DefaultPath = "/etc/procfs/procfs.json";

    /// <summary>The words of the key "enable", in the order of <see cref="EnableMode"/>.</summary>
    public static IReadOnlyList<string> EnableWords { get; } = ["always", "annotation"];

    private const int MostBytes = 1 << 20;

    /// <summary>The mode of a word of <see cref="EnableWords"/>; null: it is none.</summary>
    public static EnableMode? ParseEnable(string? word) => word switch
    {
        "always" => EnableMode.Always,
        "annotation" => EnableMode.Annotation,
        _ => null,
    };

    /// <summary>Reads the file. What is wrong with it is said in one sentence; what could be understood counts all the same.</summary>
    /// <param name="path">Null: the default one, if it is there.</param>
    /// <param name="defect">Null: nothing is wrong.</param>
    public static HookSettings Read(string? path, out string? defect)
    {
        string file = path ?? DefaultPath;
        byte[]? text = BoundedRead.File(Libc.AT_FDCWD, file, MostBytes, BoundedRead.Links.Followed, out string reason, out Errno error);
        if (text is null)
        {
            defect = path is null && error is Errno.ENOENT or Errno.ENOTDIR ? null : $"cannot read the configuration {file}: {reason}";
            return new HookSettings();
        }

        HookSettings settings = Parse(text, out defect);
        defect = defect is null ? null : $"the configuration {file}: {defect}";
        return settings;
    }

    /// <summary>The same of its text; the sentence is without the path.</summary>
    public static HookSettings Parse(ReadOnlySpan<byte> text, out string? defect)
    {
        HookSettings settings = new();
        string? wrong = null;
        defect = JsonText.ReadObject(text, (ref reader, name) =>
        {
            switch (name)
            {
                case "enable":
                    EnableMode? mode = ParseEnable(JsonText.Text(ref reader));
                    wrong ??= mode is null ? "its \"enable\" must be \"always\" or \"annotation\"" : null;
                    settings = settings with { Enable = mode ?? EnableMode.Always };
                    break;
                case "runtime":
                    string? runtime = JsonText.Text(ref reader);
                    wrong ??= runtime is null or "" ? "its \"runtime\" must be the name or path of a runtime" : null;
                    settings = settings with { Runtime = runtime is "" ? null : runtime };
                    break;
            }
        }, isConfiguration: true) ?? wrong;
        return settings;
    }
}
