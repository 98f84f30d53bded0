using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ProcFs.Node;

/// <summary>
/// The restart of a container engine: asked for once, then only waited for. An engine may take any time (k3s is not ready while its datastore is away), and to
/// restart it again would end its start.
/// </summary>
/// <param name="pending">Where the restart was written down.</param>
/// <param name="act">Its name there.</param>
/// <param name="services">The node's.</param>
/// <param name="unit">The engine's.</param>
/// <param name="logger">Told of one that takes its time.</param>
internal sealed partial class EngineRestart(PendingActs pending, string act, INodeServices services, string unit, ILogger logger)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>How long it is waited for.</summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Does it.</summary>
    /// <returns>Whether it runs again. False: systemd is at it still, and goes on with it.</returns>
    /// <exception cref="Failure">systemd refuses, or the engine has failed to start, or ends again and again: it is to be done again.</exception>
    public bool Run()
    {
        services.Begin("restart", unit);
        pending.Done(act); // systemd has it, whatever becomes of us
        long start = Stopwatch.GetTimestamp();
        bool hasEnded = false;
        UnitState state;
        while (!(state = services.StateOf(unit)).IsUp)
        {
            bool isLate = Stopwatch.GetElapsedTime(start) > Within;
            hasEnded |= state.IsRestarting;
            if (state.IsDown || (isLate && hasEnded))
            {
                pending.Ask(act);
                throw new Failure(ExitCode.Failed, $"{unit} was restarted, and {(state.IsDown ? $"is {state.Active} now" : "ends again and again")} (journalctl -u {unit}, on the node)");
            }

            if (isLate)
            {
                LogTakesLong(unit, (long)Within.TotalSeconds);
                return false;
            }

            Thread.Sleep(LookEvery);
        }

        return true;
    }

    [LoggerMessage(1705, LogLevel.Warning, "{Unit} was told to restart, and is not ready after {Seconds} s: systemd goes on with it, and it is not told again")]
    private partial void LogTakesLong(string unit, long seconds);
}
