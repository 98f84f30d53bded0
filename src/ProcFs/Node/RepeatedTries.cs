using Microsoft.Extensions.Logging;

namespace ProcFs.Node;

/// <summary>What is tried again and again: a failure is told once, and its end.</summary>
internal sealed partial class RepeatedTries(ILogger logger)
{
    private string? _trouble;

    /// <summary>One try.</summary>
    public void Run(Action action)
    {
        try
        {
            action();
            if (_trouble is not null)
            {
                LogWell();
            }

            _trouble = null;
        }
        catch (Failure failure)
        {
            if (_trouble != failure.Message)
            {
                LogTrouble(failure.Message);
            }

            _trouble = failure.Message;
        }
    }

    [LoggerMessage(1718, LogLevel.Error, "{Reason}; it is tried again")]
    private partial void LogTrouble(string reason);

    [LoggerMessage(1719, LogLevel.Information, "all is well again")]
    private partial void LogWell();
}
