using System.Text;

namespace ProcFs.Cli.Manual;

/// <summary>Text in the language of man(7): what is said is printed as it is, whatever is in it.</summary>
internal sealed class Roff
{
    private readonly StringBuilder _text = new();

    /// <summary>A request with its arguments: "TH", "SH" and the like.</summary>
    public Roff Request(string name, params string[] arguments)
    {
        _text.Append('.').Append(name);
        foreach (string argument in arguments)
        {
            _text.Append(" \"").Append(Escape(argument).Replace("\"", "\\(dq", StringComparison.Ordinal)).Append('"');
        }

        _text.Append('\n');
        return this;
    }

    /// <summary>A line of running text, or more of them.</summary>
    public Roff Text(string text)
    {
        foreach (string line in text.Split('\n'))
        {
            // A dot or an apostrophe at the start would be a request.
            _text.Append(line is ['.' or '\'', ..] ? "\\&" : "").Append(Escape(line)).Append('\n');
        }

        return this;
    }

    /// <summary>Lines as they are, without filling.</summary>
    public Roff Literal(string text) => Request("nf").Text(text.TrimEnd('\n')).Request("fi");

    /// <summary>A list entry: what it is about, and the text.</summary>
    public Roff Entry(string bold, string? value, string text)
    {
        _text.Append(".TP\n\\fB").Append(Escape(bold)).Append("\\fR");
        if (value is not null)
        {
            _text.Append(" \\fI").Append(Escape(value)).Append("\\fR");
        }

        _text.Append('\n');
        return Text(text);
    }

    public override string ToString() => _text.ToString();

    private static string Escape(string text) => text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
}
