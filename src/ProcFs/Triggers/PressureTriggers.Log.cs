using Microsoft.Extensions.Logging;

namespace ProcFs.Triggers;

// What it logs, in one declaration: the generator writes the declarations of a class in no order that is the same twice (docs/packages.md, Reproducible).
internal sealed partial class PressureTriggers
{
    [LoggerMessage(1231, LogLevel.Warning, "the kernel refused a pressure trigger to this daemon that its caller is entitled to: give the daemon CAP_SYS_RESOURCE; without it the window must be a multiple of 2 s, and before Linux 6.4 there are no triggers at all")]
    private partial void LogRights();

    [LoggerMessage(1232, LogLevel.Error, "an event of a pressure trigger was lost, because of a defect in this program")]
    private partial void LogFault(Exception exception);

    [LoggerMessage(1236, LogLevel.Warning, "{Count} pressure trigger(s) of the predecessor could not be set again: their programs are told that they are over")]
    private partial void LogLost(int count);
}
