using System.CommandLine;
using System.CommandLine.Parsing;

namespace ProcFs.Cli;

/// <summary>The options that were given to us, as they were given: for handing on.</summary>
internal static class GivenOptions
{
    public static IEnumerable<string> Of(ParseResult parsed)
        => parsed.RootCommandResult.Children.Concat(parsed.CommandResult.Children).OfType<OptionResult>().Where(option => !option.Implicit)
            .SelectMany(option => option.Tokens.Count == 0
                ? [option.Option.Name]
                : option.Tokens.SelectMany(token => new[] { option.Option.Name, token.Value }));
}
