using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using ProcFs.Configuration;
using ProcFs.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace ProcFs.Tests;

/// <summary>Nothing else runs meanwhile: they take the process's standard error.</summary>
[CollectionDefinition(nameof(LogTests), DisableParallelization = true)]
public sealed class AloneWithStandardError;

/// <summary>What the daemon writes to standard error, for the journal and for everything else.</summary>
[Collection(nameof(LogTests))]
public sealed class LogTests
{
    private const int Messages = 5;

    [Fact]
    public void The_journal_gets_priorities()
    {
        Assert.Equal(
            """
            <7>debug a
            <6>information b
            <4>warning c
            <3>error d | System.IO.IOException: broken
            <2>fatal e

            """,
            Captured(JournalStream(), LogLevel.Debug, Write));
    }

    [Fact]
    public void Another_ones_journal_is_none_of_ours()
    {
        // The variable is inherited; what it names is the standard error of some parent.
        Assert.SkipUnless(Console.IsErrorRedirected, "standard error is a terminal: there it is text");
        Assert.StartsWith("{", Captured("1:1", LogLevel.Debug, Write), StringComparison.Ordinal);
        Assert.StartsWith("{", Captured("", LogLevel.Debug, Write), StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_else_gets_one_object_in_each_line()
    {
        Assert.SkipUnless(Console.IsErrorRedirected, "standard error is a terminal: there it is text");
        string[] lines = Captured(null, LogLevel.Debug, Write).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Messages, lines.Length);
        JsonElement[] objects = [.. lines.Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(["Debug", "Information", "Warning", "Error", "Fatal"], objects.Select(line => line.GetProperty("Level").GetString()));
        Assert.All(objects, line => Assert.InRange(line.GetProperty("Timestamp").GetDateTimeOffset(), DateTimeOffset.Now.AddMinutes(-5), DateTimeOffset.Now));
        Assert.Equal("information b", objects[1].GetProperty("RenderedMessage").GetString());
        Assert.Equal("information {Name}", objects[1].GetProperty("MessageTemplate").GetString());
        Assert.Equal("b", objects[1].GetProperty("Properties").GetProperty("Name").GetString());
        Assert.StartsWith("System.IO.IOException: broken", objects[3].GetProperty("Exception").GetString(), StringComparison.Ordinal);
        Assert.False(objects[4].TryGetProperty("Exception", out _));
    }

    [Fact]
    public void The_format_can_be_chosen()
    {
        Assert.All(Lines(LogFormat.Json), line => Assert.StartsWith("{", line, StringComparison.Ordinal));
        Assert.All(Lines(LogFormat.Journal), line => Assert.StartsWith("<", line, StringComparison.Ordinal));
        Assert.All(Lines(LogFormat.Text), line => Assert.Matches("^[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3} (DBUG|INFO|WARN|EROR|FATL) ", line));

        static string[] Lines(LogFormat format)
        {
            string[] lines = Captured(null, LogLevel.Debug, Write, format).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(Messages, lines.Length);
            return lines;
        }
    }

    [Fact]
    public void One_event_is_one_line_with_its_id()
    {
        string text = Captured(JournalStream(), LogLevel.Debug, log =>
        {
            using SerilogLoggerFactory factory = new(log);
            ILogger<LogTests> logger = factory.CreateLogger<LogTests>();
            Say(logger, "a\nb\u001b[2Jc", null);
            Say(logger, "d", new IOException("two\r\nlines"));
        });
        Assert.Equal("<4>[42] about a | b?[2Jc\n<4>[42] about d | System.IO.IOException: two | lines\n", text);
    }

    [Fact]
    public void An_object_has_the_sentence_that_the_other_formats_have()
    {
        const string hostile = "a \"b\" \\ \u00e9 | \u2028 {x}";
        static void Say3(Logger log)
        {
            using SerilogLoggerFactory factory = new(log);
            ILogger<LogTests> logger = factory.CreateLogger<LogTests>();
            Say(logger, hostile, null);
            Say(logger, "exit code 0", new IOException("no"));
            log.Information("{Count} of {Share:0.0} {List}", 12345, 0.25, new[] { 1, 2 });
        }

        string[] sentences = [.. Captured(null, LogLevel.Debug, Say3, LogFormat.Journal).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => Regex.Replace(line, @"^<[0-9]>(\[[0-9]+\] )?| \| System.*$", ""))];
        JsonElement[] objects = [.. Captured(null, LogLevel.Debug, Say3, LogFormat.Json).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal($"about {hostile}", sentences[0]);
        Assert.Equal(sentences, objects.Select(line => line.GetProperty("RenderedMessage").GetString()));
        Assert.Equal(["Timestamp", "Level", "MessageTemplate", "RenderedMessage", "Exception", "Properties"], objects[1].EnumerateObject().Select(member => member.Name));
        Assert.Equal(hostile, objects[0].GetProperty("Properties").GetProperty("What").GetString());
        Assert.Equal(42, objects[0].GetProperty("Properties").GetProperty("EventId").GetProperty("Id").GetInt32());
        Assert.Equal(12345, objects[2].GetProperty("Properties").GetProperty("Count").GetInt32());
    }

    [Theory]
    [InlineData(LogLevel.Debug, 5)]
    [InlineData(LogLevel.Information, 4)]
    [InlineData(LogLevel.Warning, 3)]
    [InlineData(LogLevel.Error, 2)]
    public void Less_important_messages_are_left_out(LogLevel level, int count)
        => Assert.Equal(count, Captured(JournalStream(), level, Write).Split('\n').Count(line => line.StartsWith('<')));

    [Fact]
    public void The_frameworks_own_chatter_is_left_out()
    {
        string text = Captured(JournalStream(), LogLevel.Debug, log =>
        {
            log.ForContext(Constants.SourceContextPropertyName, "Microsoft.Hosting.Lifetime").Information("started");
            log.ForContext(Constants.SourceContextPropertyName, "Microsoft.Hosting.Lifetime").Warning("odd");
            log.ForContext(Constants.SourceContextPropertyName, "Microsoft.Extensions.Hosting.Internal.Host").Fatal("failed");
            log.ForContext(Constants.SourceContextPropertyName, "ProcFs.Serving.FuseServer").Information("serving");
        });
        Assert.Equal("<4>odd\n<6>serving\n", text);
    }

    [Fact]
    public void A_log_that_nobody_reads_holds_up_nobody()
    {
        using BlockedSink blocked = new();
        using QueuedSink queue = new(new LoggerConfiguration().WriteTo.Sink(blocked).CreateLogger());
        using Logger log = new LoggerConfiguration().WriteTo.Sink(queue).CreateLogger();
        log.Information("first");
        Assert.True(blocked.Entered.Wait(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));

        // The writer is stuck with the first one: of these, 1024 wait in the queue.
        Stopwatch time = Stopwatch.StartNew();
        for (int i = 0; i < 5000; i++)
        {
            log.Information("more");
        }

        Assert.InRange(time.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        blocked.Release.Set();
        SpinWait.SpinUntil(() => blocked.Messages.Any(message => message.Contains("dropped", StringComparison.Ordinal)), TimeSpan.FromSeconds(10));
        queue.Dispose();
        Assert.Equal(1 + 1024 + 1, blocked.Messages.Length);
        Assert.Equal("3976 messages were dropped: the log was not read fast enough", blocked.Messages[^1]);
    }

    private static readonly Action<Microsoft.Extensions.Logging.ILogger, string, Exception?> Say = LoggerMessage.Define<string>(LogLevel.Warning, new EventId(42, "Test"), "about {What}");

    private static void Write(Logger log)
    {
        log.Debug("debug a");
        log.Information("information {Name}", "b");
        log.Warning("warning c");
        log.Error(new IOException("broken"), "error d");
        log.Fatal("fatal e");
    }

    /// <summary>What the logger writes, with standard error replaced after it has found out where that leads.</summary>
    private static string Captured(string? journal, LogLevel level, Action<Logger> write, LogFormat format = LogFormat.Auto)
    {
        const string variable = "JOURNAL_STREAM";
        string? before = Environment.GetEnvironmentVariable(variable);
        TextWriter error = Console.Error;
        StringWriter written = new();
        try
        {
            Environment.SetEnvironmentVariable(variable, journal);
            Console.SetError(written);
            using Logger log = LogSetup.Create(new ProcFsConfig { LogLevel = level, LogFormat = format }, lastWordsWithin: TimeSpan.FromSeconds(30));
            write(log);
        }
        finally
        {
            Console.SetError(error);
            Environment.SetEnvironmentVariable(variable, before);
        }

        return written.ToString();
    }

    /// <summary>Our standard error as systemd would name it, according to stat(1).</summary>
    private static string JournalStream()
    {
        ProcessStartInfo start = new("/usr/bin/stat", ["-L", "-c", "%d:%i", $"/proc/{Environment.ProcessId}/fd/2"]) { RedirectStandardOutput = true };
        using Process stat = Process.Start(start)!;
        string text = stat.StandardOutput.ReadToEnd().Trim();
        stat.WaitForExit();
        Assert.Matches("^[0-9]+:[0-9]+$", text);
        return text;
    }

    private sealed class BlockedSink : ILogEventSink, IDisposable
    {
        private readonly List<string> _messages = [];

        public ManualResetEventSlim Entered { get; } = new();

        public ManualResetEventSlim Release { get; } = new();

        public string[] Messages
        {
            get
            {
                lock (_messages)
                {
                    return [.. _messages];
                }
            }
        }

        public void Emit(LogEvent logEvent)
        {
            Entered.Set();
            Release.Wait();
            lock (_messages)
            {
                _messages.Add(logEvent.RenderMessage(System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        public void Dispose()
        {
            Release.Set();
            Entered.Dispose();
        }
    }
}
