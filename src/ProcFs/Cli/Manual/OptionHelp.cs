using System.CommandLine;

namespace ProcFs.Cli.Manual;

/// <summary>An option as people are told of it.</summary>
/// <param name="Names">Short ones first; each with its dashes.</param>
/// <param name="Value">The word that stands for its value; null: it takes none.</param>
/// <param name="Description">One sentence without a full stop.</param>
/// <param name="Default">Its value when it is not given; null: none worth a word.</param>
internal sealed record OptionHelp(IReadOnlyList<string> Names, string? Value, string Description, string? Default)
{
    public static OptionHelp Of(Option option)
    {
        string? value = option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool) ? null
            : option.HelpName ?? option.Name.TrimStart('-').Replace('-', '_').ToUpperInvariant();
        // "-?" and "/h" are habits of another system.
        string[] names = [.. option.Aliases.Append(option.Name).Where(name => name.StartsWith('-') && name != "-?").Distinct().OrderBy(name => name.Length)];
        return new OptionHelp(names, value, option.Description ?? "", value is not null && option.HasDefaultValue ? option.GetDefaultValue()?.ToString() : null);
    }
}
