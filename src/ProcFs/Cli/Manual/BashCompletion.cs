using System.CommandLine;
using System.Text;

namespace ProcFs.Cli.Manual;

/// <summary>What bash offers behind "procfs", made from the command line itself.</summary>
internal static class BashCompletion
{
    private const string Head = """
        # Completion of procfs for bash, made by "procfs completion".
        _procfs() {
            local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path=procfs words="" i
            COMPREPLY=()
            for ((i = 1; i < COMP_CWORD; i++)); do
                case ${COMP_WORDS[i]} in
                    --) return ;;

        """;

    private const string Tail = """
            mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
        }
        complete -o default -F _procfs procfs

        """;

    public static string Of(RootCommand root)
    {
        VerbHelp program = VerbHelp.Of(root);
        IReadOnlyList<OptionHelp> common = VerbHelp.CommonOptions(root);
        OptionHelp[] all = [.. common, .. program.All.SelectMany(verb => verb.Options)];
        StringBuilder script = new(Head);

        // What stands behind such an option is no verb.
        script.Append("            ").Append(Pattern(all.Where(option => option.Value is not null))).Append(") ((i++)) ;;\n");
        script.Append("            -*) ;;\n            *)\n                case \"$path ${COMP_WORDS[i]}\" in\n");
        script.Append("                    ").AppendJoin('|', program.All.Skip(1).Select(verb => $"\"{verb.Path}\"")).Append(") path=\"$path ${COMP_WORDS[i]}\" ;;\n");
        script.Append("                esac ;;\n        esac\n    done\n");

        script.Append("    case $prev in\n");
        script.Append("        ").Append(Pattern(all.Where(option => option.Value is "DIR"))).Append(") mapfile -t COMPREPLY < <(compgen -d -- \"$cur\"); return ;;\n");
        script.Append("        ").Append(Pattern(all.Where(option => option.Value is not null and not "DIR"))).Append(") return ;;\n");
        script.Append("    esac\n    case $path in\n");
        foreach (VerbHelp verb in program.All)
        {
            script.Append("        \"").Append(verb.Path).Append("\") words=\"").AppendJoin(' ', Words(verb, common)).Append("\" ;;\n");
        }

        return script.Append("    esac\n").Append(Tail).ToString();
    }

    private static IEnumerable<string> Words(VerbHelp verb, IReadOnlyList<OptionHelp> common)
    {
        IEnumerable<string> options = verb.OwnUsage is { } usage ? OptionsIn(usage) : verb.Options.Concat(common).Select(option => option.Names[^1]);
        return verb.Verbs.Select(below => below.Path.Split(' ')[^1]).Concat(options);
    }

    /// <summary>Long options that a text names, each once.</summary>
    private static IEnumerable<string> OptionsIn(string usage) => usage.Split([' ', '\n'])
        .Where(word => word is ['-', '-', _, ..])
        .Select(word => string.Concat(word.TakeWhile(letter => char.IsAsciiLetterLower(letter) || letter == '-')))
        .Append("--help").Distinct();

    private static string Pattern(IEnumerable<OptionHelp> options) => string.Join('|', options.SelectMany(option => option.Names).Distinct().Order(StringComparer.Ordinal));
}
