using System.CommandLine;

namespace ProcFs.Cli.Manual;

/// <summary>A verb as people are told of it. It is read off the command line itself, so that manual and completion cannot differ from that.</summary>
internal sealed record VerbHelp
{
    /// <param name="command">The verb.</param>
    /// <param name="path">With the program before it.</param>
    /// <param name="above">Options of verbs above it that are its own as well; null for the program, whose recursive ones are told once.</param>
    private VerbHelp(Command command, string path, IReadOnlyList<Option>? above)
    {
        Path = path;
        Description = command.Description ?? "";
        Arguments = [.. command.Arguments.Where(argument => !argument.Hidden)];
        Options = [.. command.Options.Where(option => above is not null || !option.Recursive).Concat(above ?? []).Where(option => !option.Hidden).Select(OptionHelp.Of)];
        OwnUsage = path == $"procfs {command.Name}" ? EngineCommands.UsageOf(command.Name) : null;
        Option[] below = above is null ? [] : [.. above, .. command.Options.Where(option => option.Recursive)];
        Verbs = [.. command.Subcommands.Where(verb => !verb.Hidden).Select(verb => new VerbHelp(verb, $"{path} {verb.Name}", below))];
    }

    /// <summary>Beginning with the program: "procfs serve".</summary>
    public string Path { get; }

    public string Description { get; }

    public IReadOnlyList<Argument> Arguments { get; }

    /// <summary>Its own; those of the program come besides.</summary>
    public IReadOnlyList<OptionHelp> Options { get; }

    /// <summary>Its whole help, of a verb that has a command line of its own; null: it has none.</summary>
    public string? OwnUsage { get; }

    public IReadOnlyList<VerbHelp> Verbs { get; }

    public static VerbHelp Of(RootCommand root) => new(root, "procfs", null);

    /// <summary>The options that every verb understands.</summary>
    public static IReadOnlyList<OptionHelp> CommonOptions(RootCommand root) => [.. root.Options.Where(option => !option.Hidden && option.Recursive).Select(OptionHelp.Of)];

    /// <summary>How it is called: with "[OPTIONS]" and its arguments.</summary>
    public string Synopsis => string.Join(' ', [Path, "[OPTIONS]", .. Arguments.Select(Word)]);

    /// <summary>Itself and all below.</summary>
    public IEnumerable<VerbHelp> All => Verbs.SelectMany(verb => verb.All).Prepend(this);

    private static string Word(Argument argument)
    {
        string word = (argument.HelpName ?? argument.Name) + (argument.Arity.MaximumNumberOfValues > 1 ? " ..." : "");
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{word}]" : word;
    }
}
