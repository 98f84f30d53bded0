using Microsoft.Extensions.Logging;

namespace ProcFs.Node;

/// <summary>One thing that is tried again and again: a failure is told once, and its end.</summary>
/// <param name="what">What is tried, as the beginning of a sentence.</param>
/// <param name="logger">Told.</param>
internal sealed partial class RepeatedTries(string what, ILogger logger)
{
    private string? _trouble;

    /// <summary>One try.</summary>
    public void Run(Action action)
    {
        try
        {
            action();
            End();
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

    /// <summary>It is well without another try.</summary>
    public void End()
    {
        if (_trouble is not null)
        {
            LogWell(what);
        }

        _trouble = null;
    }

    [LoggerMessage(1718, LogLevel.Error, "{Reason}; it is tried again")]
    private partial void LogTrouble(string reason);

    [LoggerMessage(1719, LogLevel.Information, "{What} goes well again")]
    private partial void LogWell(string what);
}
