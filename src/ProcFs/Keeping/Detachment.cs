using Microsoft.Extensions.Logging;
using ProcFs.Children;
using ProcFs.Interop;

namespace ProcFs.Keeping;

/// <summary>The files are being taken out of all containers, by a child that nobody waits for: it is asked, or the loop wakes up when it has ended.</summary>
internal sealed partial class Detachment : IDisposable
{
    private readonly IChildVerb? _child;
    private readonly long _untilNs;
    private readonly TimeSpan _within;
    private readonly ILogger _logger;
    private PollLoop.Source? _end;

    private Detachment(IChildVerb? child, long nowNs, TimeSpan within, ILogger logger)
    {
        _child = child;
        _untilNs = nowNs + within.ToNs();
        _within = within;
        _logger = logger;
    }

    /// <param name="rules">How it is done.</param>
    /// <param name="mount">The public mount point of the session.</param>
    /// <param name="loop">Wakes up when it has ended, where the kernel tells.</param>
    /// <param name="ended">Called then.</param>
    /// <param name="logger">Told what went wrong.</param>
    public static Detachment Start(KeepingRules rules, string mount, PollLoop loop, Action ended, ILogger logger)
    {
        Detachment detachment = new(rules.Detach(mount), rules.Time.NowNs(), rules.DetachWithin, logger);
        if (detachment._child is { Descriptor: >= 0 and int descriptor })
        {
            detachment._end = loop.Add(descriptor, Libc.POLLIN, _ =>
            {
                detachment.StopWatching(); // readable for ever
                ended();
            });
        }

        return detachment;
    }

    /// <summary>Whether it is done, or time is up: then it is ended, and containers that it did not come to keep what they have.</summary>
    public bool IsOver(long nowNs)
    {
        if (_child is null)
        {
            LogNotStarted();
            return true;
        }

        if (!_child.HasEnded(out int? exitCode))
        {
            if (nowNs < _untilNs)
            {
                return false;
            }

            LogTooLong((int)_within.TotalSeconds);
        }
        else if (exitCode is not (null or 0))
        {
            LogFailed(exitCode.Value);
        }

        return true;
    }

    /// <summary>Ends it, if it has not ended.</summary>
    public void Dispose()
    {
        StopWatching();
        _child?.Dispose();
    }

    private void StopWatching()
    {
        _end?.Remove();
        _end = null;
    }

    [LoggerMessage(1541, LogLevel.Error, "procfs detach --all cannot be started: containers that hold files are left with errors until a server is back")]
    private partial void LogNotStarted();

    [LoggerMessage(1542, LogLevel.Warning, "procfs detach --all was not done within {Seconds} s and was ended: some containers are left with errors until a server is back")]
    private partial void LogTooLong(int seconds);

    [LoggerMessage(1543, LogLevel.Warning, "procfs detach --all has ended with exit code {ExitCode}: its own lines say which containers are left with errors until a server is back")]
    private partial void LogFailed(int exitCode);
}
