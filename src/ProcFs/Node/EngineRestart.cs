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
    private const int MostEnds = 3;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>How long it is waited for.</summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Does it.</summary>
    /// <returns>Whether it runs again. False: systemd is at it still, and goes on with it.</returns>
    /// <exception cref="Failure">systemd refuses, or the engine has failed to start, or ends again and again: it is to be done again, the last only to be looked at.</exception>
    public bool Run()
    {
        bool isBegun = pending.IsBegun(act);
        if (!isBegun)
        {
            services.Begin("restart", unit);
            pending.Done(act); // systemd has it, whatever becomes of us
        }

        long start = Stopwatch.GetTimestamp();
        int ends = 0;
        bool wasRestarting = true; // what is seen first may be from before
        UnitState state;
        while (!(state = services.StateOf(unit)).IsUp)
        {
            if (state.IsDown)
            {
                pending.Done(act);
                pending.Ask(act);
                throw new Failure(ExitCode.Failed, $"{unit} was restarted, and is {state.Active} now (journalctl -u {unit}, on the node)");
            }

            ends += state.IsRestarting && !wasRestarting ? 1 : 0;
            wasRestarting = state.IsRestarting;
            if (isBegun || ends == MostEnds)
            {
                pending.AskForItsEnd(act); // systemd starts it again by itself
                throw new Failure(ExitCode.Failed, $"{unit} was restarted, and ends again and again (journalctl -u {unit}, on the node)");
            }

            if (Stopwatch.GetElapsedTime(start) > Within)
            {
                LogTakesLong(unit, (long)Within.TotalSeconds);
                return false;
            }

            Thread.Sleep(LookEvery);
        }

        pending.Done(act);
        return true;
    }

    [LoggerMessage(1705, LogLevel.Warning, "{Unit} was told to restart, and is not ready after {Seconds} s: systemd goes on with it, and it is not told again")]
    private partial void LogTakesLong(string unit, long seconds);
}
