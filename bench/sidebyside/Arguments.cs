using System.Globalization;

namespace ProcFs.Bench;

/// <summary>Options of a verb: --name VALUE, and switches without a value.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _values = [];

    /// <param name="words">After the verb.</param>
    /// <param name="options">Names that take a value.</param>
    /// <param name="switches">Names that take none.</param>
    /// <exception cref="BenchFailure">A word that is neither, or an option without its value.</exception>
    public Arguments(IReadOnlyList<string> words, string[] options, string[]? switches = null)
    {
        List<string> rest = [];
        for (int i = 0; i < words.Count; i++)
        {
            if (switches?.Contains(words[i]) == true)
            {
                _values[words[i]] = "";
            }
            else if (options.Contains(words[i]))
            {
                _values[words[i]] = i + 1 < words.Count ? words[++i] : throw new BenchFailure($"{words[^1]} needs a value");
            }
            else if (words[i].StartsWith("--", StringComparison.Ordinal))
            {
                throw new BenchFailure($"unknown option {words[i]}; there are {string.Join(", ", options.Concat(switches ?? []))}");
            }
            else
            {
                rest.Add(words[i]);
            }
        }

        Rest = rest;
    }

    /// <summary>What is no option.</summary>
    public IReadOnlyList<string> Rest { get; }

    public bool Has(string name) => _values.ContainsKey(name);

    public string? Text(string name) => _values.GetValueOrDefault(name);

    /// <exception cref="BenchFailure">It is no number, or negative.</exception>
    public int Number(string name, int otherwise) => _values.GetValueOrDefault(name) is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
        : throw new BenchFailure($"{name} is a number, not \"{text}\"");

    /// <summary>"a,b" as words, each of which must be known.</summary>
    /// <exception cref="BenchFailure">One is not.</exception>
    public string[] Words(string name, string[] otherwise, string[] known)
    {
        string[] words = _values.GetValueOrDefault(name)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? otherwise;
        return words.FirstOrDefault(w => !known.Contains(w)) is { } unknown
            ? throw new BenchFailure($"{name}: \"{unknown}\" is not one of {string.Join(", ", known)}")
            : words;
    }
}
