using System.Globalization;
using System.Text;

namespace ProcFs.Node;

/// <summary>
/// The text of containerd's configuration, as far as it matters here: its version, where its state is, what it imports, which runtimes it has. TOML, read
/// line by line; what is not understood is left as it is.
/// </summary>
internal sealed class ContainerdText
{
    /// <summary>The runtime handler that a RuntimeClass names.</summary>
    public const string Handler = "procfs";

    /// <summary>A file of ours beside the configuration.</summary>
    public const string DropInName = "procfs.toml";

    private const string Begin = "# BEGIN procfs node: written anew by it, removed by procfs node uninstall";
    private const string End = "# END procfs node";
    private const int OldestVersion = 2;
    private const string Plugins = "plugins.";
    private const string Runtimes = ".containerd.runtimes.";

    private static readonly string[] CriPlugins = ["io.containerd.grpc.v1.cri", "io.containerd.cri.v1.runtime"];

    private readonly string _text;
    private readonly List<string> _imports = [];
    private readonly HashSet<string> _runtimes = [];
    private readonly Dictionary<string, bool> _systemdCgroup = [];

    private ContainerdText(string text) => _text = text;

    /// <summary>The number behind "version"; 1 when it is not said, as containerd has it.</summary>
    public int Version { get; private set; } = 1;

    /// <summary>Before version 2 plugins have other names.</summary>
    public bool IsOld => Version < OldestVersion;

    /// <summary>The patterns of "imports", as they stand there.</summary>
    public IReadOnlyList<string> Imports => _imports;

    /// <summary>"state", where containerd keeps what runs; null: it is not said.</summary>
    public string? State { get; private set; }

    /// <summary>"default_runtime_name"; null: it is not said, which means runc.</summary>
    public string? DefaultRuntime { get; private set; }

    /// <summary>Somebody else defined the handler outside of our block.</summary>
    public bool HasHandler => HasRuntime(Handler);

    /// <summary>The block is there, in whatever version.</summary>
    public bool HasBlock { get; private init; }

    public static ContainerdText Parse(string text)
    {
        string without = WithoutBlock(text);
        ContainerdText config = new(without) { HasBlock = without.Length != text.Length };
        string table = "";
        string? open = null;
        foreach (string line in without.Split('\n').Select(line => WithoutComment(line).Trim()))
        {
            if (open is not null)
            {
                open += line;
            }
            else if (line.StartsWith('['))
            {
                table = config.Enter(line);
                continue;
            }
            else if (table.Length > 0)
            {
                config.Take(table, line);
                continue;
            }
            else if (ValueOf(line, "version") is { } version)
            {
                config.Version = int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : config.Version;
                continue;
            }
            else if (ValueOf(line, "state") is { } state)
            {
                config.State = Texts(state).FirstOrDefault();
                continue;
            }
            else if (ValueOf(line, "imports") is { } imports)
            {
                open = imports;
            }

            if (open is not null && open.EndsWith(']'))
            {
                config._imports.AddRange(Texts(open));
                open = null;
            }
        }

        return config;
    }

    /// <summary>What our block says, in a configuration or in a file of its own; nothing when there is none.</summary>
    public static ContainerdText OfBlock(string text) => Block(text) is var (begin, end) ? Parse(text[(begin + Begin.Length)..(end - End.Length)]) : Parse("");

    /// <summary>The directory of which all *.toml files are imported; null: there is none.</summary>
    /// <param name="file">The path of this configuration, from which relative ones are meant.</param>
    public string? ImportedDirectory(string file)
    {
        foreach (string pattern in Imports)
        {
            if (Imported(pattern, file) is { Names: "*.toml" or "*" } found)
            {
                return found.Directory;
            }
        }

        return null;
    }

    /// <summary>The files that a pattern imports. One with a wildcard in a directory is passed over.</summary>
    /// <param name="pattern">One of <see cref="Imports"/>.</param>
    /// <param name="file">The path of this configuration, from which relative ones are meant.</param>
    /// <returns>Where to look, and for what names; null: nowhere.</returns>
    public static (string Directory, string Names)? Imported(string pattern, string file)
        => Path.GetFullPath(pattern, Path.GetDirectoryName(file)!) is var path && Path.GetDirectoryName(path) is { } directory && directory.AsSpan().IndexOfAny("*?[") < 0
            ? (directory, Path.GetFileName(path)) : null;

    /// <summary>Whether it has a table for a runtime, outside of our block.</summary>
    public bool HasRuntime(string name) => _runtimes.Contains(name);

    /// <summary>Whether a runtime is told to have systemd make control groups; null: it is not said, which means no.</summary>
    public bool? HasSystemdCgroup(string runtime) => _systemdCgroup.TryGetValue(runtime, out bool value) ? value : null;

    /// <summary>A file of its own, to be imported.</summary>
    public static string DropIn(int version, string tables) => string.Create(CultureInfo.InvariantCulture, $"{Begin}\nversion = {version}\n\n{tables}{End}\n");

    public static bool IsOurDropIn(string text) => text.StartsWith(Begin, StringComparison.Ordinal);

    /// <summary>The whole text with our block, which is at the end: a table may stand anywhere, and top-level keys only above.</summary>
    public string WithBlock(string tables) => $"{(_text.Length == 0 || _text.EndsWith('\n') ? _text : _text + "\n")}{Begin}\n{tables}{End}\n";

    /// <summary>The whole text without it.</summary>
    public string WithoutBlock() => _text;

    private static string WithoutBlock(string text) => Block(text) is var (begin, end) ? text[..begin] + text[Math.Min(text.Length, end + 1)..] : text;

    /// <summary>Where our block begins, and where its last word ends; null: it is not there.</summary>
    private static (int Begin, int End)? Block(string text)
    {
        int begin = text.IndexOf(Begin, StringComparison.Ordinal);
        int end = begin < 0 ? -1 : text.IndexOf(End, begin + Begin.Length, StringComparison.Ordinal);
        return end < 0 ? null : (begin, end + End.Length);
    }

    /// <summary>The beginning of a table.</summary>
    /// <returns>What it is of CRI's plugin: ".containerd.runtimes.runc.options"; another one: a name without a dot at its beginning.</returns>
    private string Enter(string header)
    {
        string name = header.Trim('[', ']').Replace("\"", "", StringComparison.Ordinal).Replace("'", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        string? plugin = CriPlugins.FirstOrDefault(plugin => name.StartsWith($"{Plugins}{plugin}.", StringComparison.Ordinal));
        if (plugin is null)
        {
            return name.Length == 0 ? "?" : name;
        }

        string table = name[(Plugins.Length + plugin.Length)..];
        if (table.StartsWith(Runtimes, StringComparison.Ordinal))
        {
            _runtimes.Add(table[Runtimes.Length..].Split('.')[0]);
        }

        return table;
    }

    private void Take(string table, string line)
    {
        const string options = ".options";
        if (table == ".containerd" && ValueOf(line, "default_runtime_name") is { } name)
        {
            DefaultRuntime = Texts(name).FirstOrDefault();
        }
        else if (table.StartsWith(Runtimes, StringComparison.Ordinal) && table.EndsWith(options, StringComparison.Ordinal) && ValueOf(line, "SystemdCgroup") is "true" or "false")
        {
            _systemdCgroup[table[Runtimes.Length..^options.Length]] = ValueOf(line, "SystemdCgroup") == "true";
        }
    }

    private static string? ValueOf(string line, string key)
    {
        int equals = line.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && line[..equals].Trim().Trim('"', '\'') == key ? line[(equals + 1)..].Trim() : null;
    }

    private static string WithoutComment(string line)
    {
        char quote = '\0';
        for (int i = 0; i < line.Length; i++)
        {
            if (quote != '\0')
            {
                i += line[i] == '\\' && quote == '"' ? 1 : 0;
                quote = i < line.Length && line[i] == quote ? '\0' : quote;
            }
            else if (line[i] is '"' or '\'')
            {
                quote = line[i];
            }
            else if (line[i] == '#')
            {
                return line[..i];
            }
        }

        return line;
    }

    /// <summary>The texts of an array. A path with escapes in it is none that we would use.</summary>
    private static IEnumerable<string> Texts(string array)
    {
        StringBuilder? text = null;
        char quote = '\0';
        foreach (char character in array)
        {
            if (text is null)
            {
                if (character is '"' or '\'')
                {
                    (text, quote) = (new StringBuilder(), character);
                }
            }
            else if (character == quote)
            {
                yield return text.ToString();
                text = null;
            }
            else
            {
                text.Append(character);
            }
        }
    }
}
