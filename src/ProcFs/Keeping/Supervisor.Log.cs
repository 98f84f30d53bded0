using Microsoft.Extensions.Logging;

namespace ProcFs.Keeping;

// What it logs, in one declaration: the generator writes the declarations of a class in no order that is the same twice (docs/packages.md, Reproducible).
internal sealed partial class Supervisor
{
    [LoggerMessage(1601, LogLevel.Warning, "other servers in this run directory are kept no longer: {Mounts}. When they end, containers that hold their files are left with dead ones; start a keeper (procfs keep) for them")]
    private partial void LogOthers(string mounts);

    [LoggerMessage(1602, LogLevel.Information, "started the server, process {Pid}")]
    private partial void LogStarted(int pid);

    [LoggerMessage(1603, LogLevel.Error, "cannot start {Program}: {Reason}; next try in {Rest} ms")]
    private partial void LogNotStarted(string program, string reason, long rest);

    [LoggerMessage(1604, LogLevel.Error, "the server, process {Pid}, ended before it was ready ({How}): giving up")]
    private partial void LogNeverReady(int pid, string how);

    [LoggerMessage(1605, LogLevel.Warning, "the server, process {Pid}, ended ({How}) after {Lived} ms; the next one starts in {Rest} ms")]
    private partial void LogEnded(int pid, string how, long lived, long rest);

    [LoggerMessage(1606, LogLevel.Error, "the server, process {Pid}, has not {Done} within {Patience} ms: killing it")]
    private partial void LogSilent(int pid, long patience, string done);

    [LoggerMessage(1607, LogLevel.Warning, "the server, process {Pid}, does not end: killing it")]
    private partial void LogDoesNotEnd(int pid);

    [LoggerMessage(1608, LogLevel.Information, "stopped: {Mount} is unmounted")]
    private partial void LogStopped(string mount);

    [LoggerMessage(1609, LogLevel.Error, "stopped, but {Mount} could not be taken down: {Reason}")]
    private partial void LogNotStopped(string mount, string reason);

    [LoggerMessage(1621, LogLevel.Information, "{Mount} is served by process {Pid}: waiting for it to register")]
    private partial void LogOther(string mount, int pid);

    [LoggerMessage(1622, LogLevel.Information, "taking {Mount} over from process {Pid}")]
    private partial void LogTakingOver(string mount, int pid);

    [LoggerMessage(1631, LogLevel.Warning, "the server wants {Name} stored, which cannot be done")]
    private partial void LogNotStored(string name);

    [LoggerMessage(1632, LogLevel.Warning, "what the server stored cannot be kept: {Reason}")]
    private partial void LogNotKept(string reason);
}
