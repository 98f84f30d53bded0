using System.Globalization;
using System.Text;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;

namespace ProcFs.Logging;

/// <summary>One event is one line: what would break it, in a path or a defect's stack, is made plain. The event's id comes before its sentence.</summary>
/// <param name="isJournal">Each line begins with its priority, "&lt;4&gt;" for a warning, and not with time and level.</param>
internal sealed class LineFormatter(bool isJournal) : ITextFormatter
{
    public void Format(LogEvent logEvent, TextWriter output)
    {
        if (isJournal)
        {
            output.Write(Priority(logEvent.Level));
        }
        else
        {
            output.Write(logEvent.Timestamp.ToString("HH:mm:ss.fff ", CultureInfo.InvariantCulture));
            output.Write(Name(logEvent.Level));
        }

        if (EventIds.Of(logEvent) is var id and not 0)
        {
            output.Write(string.Create(CultureInfo.InvariantCulture, $"[{id}] "));
        }

        output.Write(Plain(Sentence(logEvent)));
        output.Write('\n');
    }

    /// <summary>What is said, and the exception behind it. Words without the quotation marks that Serilog puts around them.</summary>
    public static string Sentence(LogEvent logEvent) => Format(WithException, logEvent);

    /// <summary>The same without the exception.</summary>
    public static string Message(LogEvent logEvent) => Format(Alone, logEvent);

    private static readonly MessageTemplateTextFormatter WithException = new("{Message:lj}{NewLine}{Exception}", CultureInfo.InvariantCulture);
    private static readonly MessageTemplateTextFormatter Alone = new("{Message:lj}", CultureInfo.InvariantCulture);

    private static string Format(MessageTemplateTextFormatter words, LogEvent logEvent)
    {
        using StringWriter sentence = new(CultureInfo.InvariantCulture);
        words.Format(logEvent, sentence);
        return sentence.ToString().TrimEnd();
    }

    private static string Plain(string sentence)
    {
        if (!sentence.Any(char.IsControl))
        {
            return sentence;
        }

        StringBuilder plain = new(sentence.Length);
        foreach (string line in sentence.Split('\n', StringSplitOptions.TrimEntries))
        {
            plain.Append(plain.Length > 0 ? " | " : "");
            foreach (char character in line)
            {
                plain.Append(char.IsControl(character) ? '?' : character);
            }
        }

        return plain.ToString();
    }

    private static string Priority(LogEventLevel level) => level switch
    {
        LogEventLevel.Fatal => "<2>",
        LogEventLevel.Error => "<3>",
        LogEventLevel.Warning => "<4>",
        LogEventLevel.Information => "<6>",
        _ => "<7>",
    };

    private static string Name(LogEventLevel level) => level switch
    {
        LogEventLevel.Fatal => "FATL ",
        LogEventLevel.Error => "EROR ",
        LogEventLevel.Warning => "WARN ",
        LogEventLevel.Information => "INFO ",
        _ => "DBUG ",
    };
}
