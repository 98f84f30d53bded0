using Microsoft.Extensions.Logging;
using ProcFs.Children;
using ProcFs.Privileges;

namespace ProcFs.Serving;

/// <summary>
/// Has the files brought into containers once we serve, and taken out of them when nobody will. The server enters none: its attacher does, by children.
/// </summary>
internal sealed partial class ContainerFiles(DaemonOptions options, IAttacher attacher, ILogger logger)
{
    private readonly Lock _lock = new(); // of the two below
    private IAttachRun? _attach;
    private bool _isAgain;
    private volatile bool _isStopping;

    /// <summary>Starts to bring them in, and does not wait: containers that were left without, or with dead ones, are whole again when it has ended.</summary>
    public void Attach()
    {
        if (options.ForParent)
        {
            return; // its one command has them
        }

        lock (_lock)
        {
            // One at a time: another would wait for it, and of two we could end but one.
            _isAgain = _attach is not null;
            if (!_isAgain)
            {
                Start();
            }
        }
    }

    /// <summary>No more of it: we are about to end, and whoever serves next begins anew.</summary>
    public void StopAttaching()
    {
        lock (_lock)
        {
            _isStopping = true;
            _attach?.Kill();
        }
    }

    /// <summary>Takes them out, so that containers see the kernel's own files, and not dead ones. Waits, but not for long.</summary>
    public void Detach()
    {
        if (options.ForParent)
        {
            return;
        }

        bool isInTime = attacher.DetachContainers(out int? exitCode, out string? reason);
        if (reason is not null)
        {
            LogNotStarted("detach", reason);
        }
        else if (!isInTime)
        {
            LogDetachTooLong((int)AttachVerbs.DetachWithin.TotalSeconds);
        }
        else if (exitCode is not (null or 0))
        {
            LogFailed("detach", exitCode.Value);
        }
    }

    private void Start()
    {
        if (_isStopping)
        {
            return;
        }

        if (attacher.Attach(out string reason) is not { } run)
        {
            LogNotStarted("attach", reason);
            return;
        }

        _attach = run;
        new Thread(() => AwaitAttached(run)) { IsBackground = true, Name = "attach" }.Start();
    }

    private void AwaitAttached(IAttachRun run)
    {
        using (run)
        {
            int? exitCode = run.WaitForEnd();
            if (exitCode is not (null or 0) && !_isStopping)
            {
                LogFailed("attach", exitCode.Value);
            }

            lock (_lock)
            {
                _attach = null;
                if (_isAgain)
                {
                    _isAgain = false;
                    Start();
                }
            }
        }
    }

    [LoggerMessage(1221, LogLevel.Error, "procfs {Verb} --all cannot be started: {Reason}")]
    private partial void LogNotStarted(string verb, string reason);

    [LoggerMessage(1222, LogLevel.Warning, "procfs {Verb} --all has ended with exit code {ExitCode}: its own lines say for which containers; it can be run again by hand")]
    private partial void LogFailed(string verb, int exitCode);

    [LoggerMessage(1223, LogLevel.Warning, "procfs detach --all was not done within {Seconds} s and was ended: some containers may be left with dead files. It can be run again by hand")]
    private partial void LogDetachTooLong(int seconds);
}
