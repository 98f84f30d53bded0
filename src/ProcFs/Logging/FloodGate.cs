using System.Text;
using Serilog.Events;
using Serilog.Parsing;

namespace ProcFs.Logging;

/// <summary>
/// Leaves out warnings and errors that say what was said within the last minute: of one container a second line, of anything else the eleventh.
/// Lines are the same when event and words are; numbers, as process ids and durations, do not make another of them. What was left out is counted, and
/// told when the minute is over. For one thread.
/// </summary>
internal sealed class FloodGate(TimeProvider clock) : ILogGate
{
    /// <summary>Of lines that name a container.</summary>
    public const int MostOfContainer = 1;

    /// <summary>Of all other lines.</summary>
    public const int Most = 10;

    /// <summary>Kinds of lines that are told apart; more in one minute count as one kind.</summary>
    public const int MostKinds = 1024;

    /// <summary>Names of the properties that hold a container.</summary>
    private static readonly string[] ContainerNames = ["Id", "Name"];

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly MessageTemplate LeftOut = new MessageTemplateParser().Parse("left out {Count} more line(s) like this in the last minute: [{Event}] {Line}");

    private readonly Dictionary<string, Kind> _kinds = new(StringComparer.Ordinal);

    public TimeSpan? Rest
    {
        get
        {
            TimeSpan? rest = null;
            foreach (Kind kind in _kinds.Values)
            {
                if (kind.LeftOut > 0)
                {
                    TimeSpan left = Window - clock.GetElapsedTime(kind.Since);
                    rest = rest is { } other && other < left ? other : left;
                }
            }

            return rest is { } time && time < TimeSpan.Zero ? TimeSpan.Zero : rest;
        }
    }

    /// <summary>False: it was said before, and is counted.</summary>
    public bool Admits(LogEvent logEvent)
    {
        if (logEvent.Level < LogEventLevel.Warning)
        {
            return true;
        }

        string key = KeyOf(logEvent, out bool isOfContainer);
        if (!_kinds.TryGetValue(key, out Kind? kind))
        {
            if (_kinds.Count >= MostKinds)
            {
                DropQuiet();
            }

            if (_kinds.Count >= MostKinds)
            {
                key = "";
                _kinds.TryGetValue(key, out kind);
            }
        }

        if (kind is null || (clock.GetElapsedTime(kind.Since) >= Window && kind.LeftOut == 0))
        {
            _kinds[key] = kind = new Kind(clock.GetTimestamp());
        }

        if (++kind.Seen <= (isOfContainer ? MostOfContainer : Most))
        {
            return true;
        }

        kind.LeftOut++;
        kind.Last = logEvent;
        return false;
    }

    public LogEvent? Pass(LogEvent logEvent) => Admits(logEvent) ? logEvent : null;

    public IReadOnlyList<LogEvent> Due(bool all = false)
    {
        List<LogEvent> due = [];
        foreach ((string key, Kind kind) in _kinds)
        {
            if (kind is { LeftOut: > 0, Last: { } last } && (all || clock.GetElapsedTime(kind.Since) >= Window))
            {
                due.Add(new LogEvent(DateTimeOffset.Now, last.Level, null, LeftOut,
                [
                    new LogEventProperty("Count", new ScalarValue(kind.LeftOut)),
                    new LogEventProperty("Event", new ScalarValue(EventIds.Of(last))),
                    new LogEventProperty("Line", new ScalarValue(LineFormatter.Sentence(last))),
                    EventIds.ToProperty(EventIds.LeftOut, nameof(LeftOut)),
                ]));
                _kinds.Remove(key); // allowed while the dictionary is gone through
            }
        }

        return due;
    }

    private void DropQuiet()
    {
        foreach ((string key, Kind kind) in _kinds)
        {
            if (kind.LeftOut == 0 && clock.GetElapsedTime(kind.Since) >= Window)
            {
                _kinds.Remove(key);
            }
        }
    }

    /// <summary>What two lines have in common that say the same: template and words, without the numbers.</summary>
    public static string KeyOf(LogEvent logEvent, out bool isOfContainer)
    {
        isOfContainer = false;
        StringBuilder key = new(logEvent.MessageTemplate.Text);
        foreach ((string name, LogEventPropertyValue value) in logEvent.Properties)
        {
            if (value is ScalarValue { Value: string text })
            {
                isOfContainer |= ContainerNames.Contains(name);
                key.Append('\0').Append(text);
            }
        }

        return key.ToString();
    }

    private sealed class Kind(long since)
    {
        public long Since { get; } = since;

        public int Seen { get; set; }

        public int LeftOut { get; set; }

        public LogEvent? Last { get; set; }
    }
}
