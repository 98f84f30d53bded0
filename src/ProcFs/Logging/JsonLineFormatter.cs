using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Json;

namespace ProcFs.Logging;

/// <summary>
/// One event is one line with a JSON object: the members that Serilog's own formatter writes, whose names those who collect logs know, but with the sentence as every
/// other format and docs/logs.md have it, its words without quotation marks.
/// </summary>
internal sealed class JsonLineFormatter : ITextFormatter
{
    private readonly JsonValueFormatter _values = new();

    public void Format(LogEvent logEvent, TextWriter output)
    {
        output.Write("{\"Timestamp\":\"");
        output.Write(logEvent.Timestamp.ToString("O")); // of this format no culture changes anything
        output.Write("\",\"Level\":\"");
        output.Write(logEvent.Level.ToString());
        output.Write('"');
        Write("MessageTemplate", logEvent.MessageTemplate.Text, output);
        Write("RenderedMessage", LineFormatter.Message(logEvent), output);
        if (logEvent.Exception is { } exception)
        {
            Write("Exception", exception.ToString(), output);
        }

        output.Write(",\"Properties\":{");
        string separator = "";
        foreach ((string name, LogEventPropertyValue value) in logEvent.Properties)
        {
            output.Write(separator);
            JsonValueFormatter.WriteQuotedJsonString(name, output);
            output.Write(':');
            _values.Format(value, output);
            separator = ",";
        }

        output.Write("}}\n");
    }

    private static void Write(string name, string value, TextWriter output)
    {
        output.Write(",\"");
        output.Write(name);
        output.Write("\":");
        JsonValueFormatter.WriteQuotedJsonString(value, output);
    }
}
