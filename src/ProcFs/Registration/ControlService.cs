using Microsoft.Extensions.Logging;
using ProcFs.Hook.Control;
using ProcFs.Keeping;
using ProcFs.Metrics;
using ProcFs.Sampling;
using ProcFs.Serving;

namespace ProcFs.Registration;

/// <summary>
/// Registers containers while the daemon serves: one thread, which waits for hooks, tools and the end of containers, and for nothing else.
/// Requests and answers: docs/registration.md.
/// </summary>
internal sealed partial class ControlService : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private readonly string _runDirectory;
    private readonly AttachedNames _names;
    private readonly Func<ServedPlace> _place;
    private readonly Action _attach;
    private readonly Action _reload;
    private readonly ContainerStats _stats;
    private readonly ILogger _logger;
    private readonly PollLoop _loop = new();
    private readonly Confirmations _confirmations = new();
    private readonly NumberTable _numbers;
    private readonly Registrar _registrar;
    private ControlEndpoint? _endpoint;

    private ControlService(string runDirectory, ViewService views, NumberTable numbers, Func<ServedPlace> place, Action attach, Action reload, ContainerStats stats, ILogger logger)
    {
        _stats = stats;
        _runDirectory = runDirectory;
        _names = AttachedNames.Of(views.Served);
        _numbers = numbers;
        _place = place;
        _attach = attach;
        _reload = reload;
        _logger = logger;
        _registrar = new Registrar(runDirectory, views.Callers, views.Registered, numbers, _loop, name => _confirmations.Settle(name), logger, stats);
        _registrar.Load();
    }

    /// <summary>Opens the table of numbers: every container in it has its directory.</summary>
    /// <param name="options">Where registry, numbers and socket are.</param>
    /// <param name="views">Whose containers they are.</param>
    /// <param name="mayBeInUse">The session is an earlier one: its files are in containers.</param>
    /// <param name="place">Where the files are, at the time of asking.</param>
    /// <param name="attach">Starts an attach of whatever is not attached, without waiting for it.</param>
    /// <param name="reload">Looks at settings that may have changed.</param>
    /// <param name="stats">Where registrations are counted.</param>
    /// <param name="logger">Told what people should know.</param>
    public static ControlService Open(
        DaemonOptions options, ViewService views, bool mayBeInUse, Func<ServedPlace> place, Action attach, Action reload, ContainerStats stats, ILogger logger)
    {
        string path = NumberTable.PathOf(options.RunDirectory, options.Mount);
        Guid boot = HistoryScope.Read(options.Roots)?.Boot ?? Guid.Empty;
        NumberTable numbers = NumberTable.Open(path, boot, mayBeInUse, options.Roots.Clock.GetTimestamp(), out string? defect, out string? unwritable);
        ControlService service = new(options.RunDirectory, views, numbers, place, attach, reload, stats, logger);
        if (defect is not null)
        {
            service.LogNumbersLost(path, defect);
        }

        if (unwritable is not null)
        {
            service.LogNotNumbering(unwritable);
        }

        return service;
    }

    /// <summary>Listens from here on.</summary>
    public void Start()
    {
        try
        {
            _endpoint = ControlEndpoint.Open(_runDirectory, _loop, Answer, _logger);
        }
        catch (Failure failure)
        {
            LogNotListening(failure.Message);
        }

        new Thread(Run) { Name = "registrar", IsBackground = true }.Start();
    }

    /// <summary>Not while its thread may run: the daemon leaves it running to its end.</summary>
    public void Dispose()
    {
        _endpoint?.Dispose();
        _registrar.Dispose();
        _numbers.Dispose();
    }

    private void Run()
    {
        try
        {
            _registrar.LookAround();
            while (true)
            {
                long now = TimeProvider.System.NowNs();
                if (_confirmations.IsAttachDue(now))
                {
                    _stats.Count(StatsEvent.Overdue);
                    _attach();
                }

                _loop.Wait(_confirmations.NextNs(now) is { } next ? KeepingClock.FromNs(next) : Long);
            }
        }
        catch (Exception exception)
        {
            // Containers are served all the same; those that start now are attached at the next start.
            LogDied(exception);
        }
    }

    private byte[] Answer(ReadOnlyMemory<byte> packet)
    {
        return ControlMessage.Format(ControlMessage.TryParse(packet.Span, out ControlRequest request, out string defect)
            ? Answer(request)
            : new ControlAnswer { Error = defect });
    }

    private ControlAnswer Answer(ControlRequest request)
    {
        switch (request.Verb)
        {
            case ControlVerb.Register:
                if (!_registrar.TryRegister(request.Name, out RegisteredContainer? container, out string? refusal))
                {
                    _stats.Count(StatsEvent.NotRegistered);
                    return new ControlAnswer { Error = refusal };
                }

                _stats.Count(StatsEvent.Registered);

                _confirmations.Expect(request.Name, TimeProvider.System.NowNs());
                return Where(container!.Number);
            case ControlVerb.Attached:
                _stats.Count(StatsEvent.Confirmed);
                _confirmations.Settle(request.Name);
                return new ControlAnswer();
            case ControlVerb.Unregister:
                _registrar.Unregister(request.Name);
                return new ControlAnswer();
            case ControlVerb.Reload:
                _reload();
                return new ControlAnswer();
            default:
                return Where(0);
        }
    }

    private ControlAnswer Where(ulong container)
    {
        ServedPlace place = _place();
        return new ControlAnswer
        {
            Container = container,
            Mount = place.Mount,
            Minor = place.Minor,
            Files = _names.Files,
            Parts = _names.Parts,
        };
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Reason}: containers that start now are registered when there is room again")]
    private partial void LogNotNumbering(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the numbers of the containers are lost ({Defect} in {Path}): files that are attached to containers show what the common ones show them, until they are attached again")]
    private partial void LogNumbersLost(string path, string defect);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Reason}")]
    private partial void LogNotListening(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "containers can be registered no more, because of a defect in this program; restart it")]
    private partial void LogDied(Exception exception);
}
