using System.Globalization;
using Microsoft.Extensions.Logging;
using ProcFs.Interop;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;
using Serilog.Formatting.Json;
using Serilog.Sinks.SystemConsole.Themes;

namespace ProcFs.Serving;

/// <summary>
/// The log goes to standard error: text on a terminal; with priorities, as sd-daemon(3) has them, when that is the journal; JSON
/// lines otherwise. What goes wrong in the logger never reaches the daemon.
/// </summary>
internal static class LogSetup
{
    private const string TerminalTemplate = "{Timestamp:HH:mm:ss.fff} {Level:u4} {Message:lj}{NewLine}{Exception}";

    private static readonly LoggingLevelSwitch Level = new();

    /// <summary>From now on less, or more, is logged.</summary>
    public static void SetLevel(LogLevel level) => Level.MinimumLevel = LevelOf(level);

    public static Logger Create(LogLevel level)
    {
        SetLevel(level);
        return Create();
    }

    private static Logger Create() => new LoggerConfiguration()
        .MinimumLevel.ControlledBy(Level)
        .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
        // A start that fails is told in one sentence when the program ends.
        .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LevelAlias.Off)
        .WriteTo.Sink(new QueuedSink(CreateWriter()))
        .CreateLogger();

    private static Logger CreateWriter()
    {
        // Both open files when they are first used, and the first thing to say may be that no more can be opened.
        _ = Console.Error;
        _ = TimeZoneInfo.Local.BaseUtcOffset;
        LoggerConfiguration configuration = new LoggerConfiguration().MinimumLevel.Verbose();
        if (IsJournal())
        {
            return configuration.WriteTo.Console(new JournalFormatter(), standardErrorFromLevel: LogEventLevel.Verbose).CreateLogger();
        }

        return Console.IsErrorRedirected
            ? configuration.WriteTo.Console(new JsonFormatter(renderMessage: true), standardErrorFromLevel: LogEventLevel.Verbose).CreateLogger()
            : configuration.WriteTo.Console(outputTemplate: TerminalTemplate, formatProvider: CultureInfo.InvariantCulture,
                standardErrorFromLevel: LogEventLevel.Verbose, theme: ConsoleTheme.None).CreateLogger();
    }

    /// <summary>JOURNAL_STREAM names the journal's stream as "device:inode"; it is inherited by children whose standard error is another one.</summary>
    public static bool IsJournal()
    {
        const int standardError = 2;
        string? journal = Environment.GetEnvironmentVariable("JOURNAL_STREAM");
        if (string.IsNullOrEmpty(journal) || Libc.Statx(standardError, "\0"u8, Libc.AT_EMPTY_PATH, Libc.STATX_INO, out Libc.StatxBuffer status) < 0)
        {
            return false;
        }

        (ulong major, ulong minor) = (status.DeviceMajor, status.DeviceMinor);
        ulong device = ((major & 0xfffff000) << 32) | ((major & 0xfff) << 8) | ((minor & 0xffffff00) << 12) | (minor & 0xff); // makedev(3)
        return journal == string.Create(CultureInfo.InvariantCulture, $"{device}:{status.Inode}");
    }

    private static LogEventLevel LevelOf(LogLevel level) => level switch
    {
        LogLevel.Debug => LogEventLevel.Debug,
        LogLevel.Warning => LogEventLevel.Warning,
        LogLevel.Error => LogEventLevel.Error,
        _ => LogEventLevel.Information,
    };

    /// <summary>Each line begins with its priority, "&lt;4&gt;" for a warning.</summary>
    private sealed class JournalFormatter : ITextFormatter
    {
        private readonly MessageTemplateTextFormatter _text = new("{Message:lj}{NewLine}{Exception}", CultureInfo.InvariantCulture);

        public void Format(LogEvent logEvent, TextWriter output)
        {
            output.Write(logEvent.Level switch
            {
                LogEventLevel.Fatal => "<2>",
                LogEventLevel.Error => "<3>",
                LogEventLevel.Warning => "<4>",
                LogEventLevel.Information => "<6>",
                _ => "<7>",
            });
            _text.Format(logEvent, output);
        }
    }
}
