using System.Globalization;
using Microsoft.Extensions.Logging;
using ProcFs.Configuration;
using ProcFs.Interop;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace ProcFs.Logging;

/// <summary>
/// The log goes to standard error: text on a terminal; with priorities, as sd-daemon(3) has them, when that is the journal; JSON
/// lines otherwise, unless something else is configured. What goes wrong in the logger never reaches the daemon.
/// </summary>
internal static class LogSetup
{
    private static readonly LoggingLevelSwitch Level = new();

    /// <summary>From now on less, or more, is logged.</summary>
    public static void SetLevel(LogLevel level) => Level.MinimumLevel = LevelOf(level);

    /// <param name="config">Its level and its format.</param>
    /// <param name="gate">Keeps floods out; null: by what this process has told.</param>
    /// <param name="lastWordsWithin">What is queued at the end is waited for so long; null: for a second.</param>
    public static Logger Create(ProcFsConfig config, ILogGate? gate = null, TimeSpan? lastWordsWithin = null)
    {
        SetLevel(config.LogLevel);
        return new LoggerConfiguration()
            .MinimumLevel.ControlledBy(Level)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            // A start that fails is told in one sentence when the program ends.
            .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LevelAlias.Off)
            .WriteTo.Sink(new QueuedSink(CreateWriter(config.LogFormat), gate, lastWordsWithin))
            .CreateLogger();
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

    private static Logger CreateWriter(LogFormat format)
    {
        // Both open files when they are first used, and the first thing to say may be that no more can be opened.
        _ = Console.Error;
        _ = TimeZoneInfo.Local.BaseUtcOffset;
        ITextFormatter formatter = (format == LogFormat.Auto ? Suitable() : format) switch
        {
            LogFormat.Journal => new LineFormatter(isJournal: true),
            LogFormat.Json => new JsonLineFormatter(),
            _ => new LineFormatter(isJournal: false),
        };
        return new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Console(formatter, standardErrorFromLevel: LogEventLevel.Verbose).CreateLogger();
    }

    private static LogFormat Suitable() => IsJournal() ? LogFormat.Journal : Console.IsErrorRedirected ? LogFormat.Json : LogFormat.Text;

    private static LogEventLevel LevelOf(LogLevel level) => level switch
    {
        LogLevel.Debug => LogEventLevel.Debug,
        LogLevel.Warning => LogEventLevel.Warning,
        LogLevel.Error => LogEventLevel.Error,
        _ => LogEventLevel.Information,
    };
}
