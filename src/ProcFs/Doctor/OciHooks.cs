using System.Text.Json;
using ProcFs.Hook;
using ProcFs.Text;

namespace ProcFs.Doctor;

/// <summary>The hooks.d files of podman and CRI-O: which there are, and what each says.</summary>
internal static class OciHooks
{
    public const string Default = "/usr/share/containers/oci/hooks.d";
    public const string Administrators = "/etc/containers/oci/hooks.d";

    private static readonly string[] PodmanFiles = ["/usr/share/containers/containers.conf", "/etc/containers/containers.conf"];
    private static readonly string[] CrioFiles = ["/etc/crio/crio.conf"];

    /// <summary>The directories that podman reads: those of the last of its files that says.</summary>
    public static IReadOnlyList<string> PodmanDirectories(HostFiles files)
        => Directories(files, [.. PodmanFiles, .. files.List("/etc/containers/containers.conf.d", ".conf")]) is { Count: > 0 } chosen ? chosen : [Default];

    /// <summary>The same of CRI-O, which reads all that is in its directory, whatever its name ends with.</summary>
    public static IReadOnlyList<string> CrioDirectories(HostFiles files)
        => CrioFiles.Concat(files.List("/etc/crio/crio.conf.d", "")).Select(path => TomlText.ListOf(files.Read(path) ?? "", "hooks_dir")).LastOrDefault(list => list is not null) ?? [Default];

    /// <summary>All hook files that podman or CRI-O may read.</summary>
    public static IReadOnlyList<OciHookFile> All(HostFiles files)
        => [.. PodmanDirectories(files).Concat(CrioDirectories(files)).Distinct().SelectMany(directory => files.List(directory, ".json")).Select(path => Read(files, path))];

    private static List<string> Directories(HostFiles files, IEnumerable<string> configurations)
        => configurations.Select(path => TomlText.StringsOf(files.Read(path) ?? "", "hooks_dir").ToList()).LastOrDefault(found => found.Count > 0) ?? [];

    private static OciHookFile Read(HostFiles files, string path)
    {
        string? text = files.Read(path, out string? defect);
        if (text is null)
        {
            return new OciHookFile(path, defect, "", []) { LeadsNowhere = defect is null };
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("hook", out JsonElement hook) || hook.ValueKind != JsonValueKind.Object
                || !hook.TryGetProperty("path", out JsonElement program) || program.ValueKind != JsonValueKind.String)
            {
                return new OciHookFile(path, $"{path} has no hook with a path", "", []);
            }

            return new OciHookFile(path, null, program.GetString()!, [.. Texts(hook, "args")])
            {
                Stages = [.. Texts(root, "stages")],
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            string where = exception is JsonException { LineNumber: { } line } ? $", at line {line + 1}" : "";
            return new OciHookFile(path, $"{path} is not JSON{where}", "", []);
        }
    }

    private static IEnumerable<string> Texts(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement list) && list.ValueKind == JsonValueKind.Array
        ? list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)
        : [];
}

/// <summary>One file in hooks.d.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Defect">Why it is none, in one sentence; null: it is one.</param>
/// <param name="Program">What it runs.</param>
/// <param name="Arguments">With the name in front; none: the program gets its path as its name.</param>
internal sealed record OciHookFile(string Path, string? Defect, string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>When it is run.</summary>
    public IReadOnlyList<string> Stages { get; init; } = [];

    /// <summary>It is a link to a file that is not there: engines take it for none.</summary>
    public bool LeadsNowhere { get; init; }

    /// <summary>It runs this program's hook.</summary>
    public bool IsOurs => System.IO.Path.GetFileName(Program) is OwnCall.PlainName or HookProgram.HookName || Arguments is ["procfs", "hook", ..];

    /// <summary>The program is a hook as it is called.</summary>
    public bool IsCalledRight => OwnCall.IsHook(Program, Arguments);

    /// <summary>By its name: what a broken one was meant to be.</summary>
    public bool IsNamedAsOurs => System.IO.Path.GetFileName(Path).Contains("procfs", StringComparison.Ordinal);
}
