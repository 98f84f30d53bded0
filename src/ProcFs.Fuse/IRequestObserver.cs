namespace ProcFs.Fuse;

/// <summary>
/// Is told what the workers of a <see cref="Connection"/> do. Called by each worker itself between two requests and in the midst of one: it must be
/// done in nanoseconds, never wait, and never throw.
/// </summary>
public interface IRequestObserver
{
    /// <summary>A request was read.</summary>
    /// <param name="workerIndex">Who has it.</param>
    /// <param name="timestamp">When, as <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/> has it.</param>
    void Received(int workerIndex, long timestamp);

    /// <summary>
    /// A request was handled, and its reply is ready but not yet written: who has seen the answer finds it counted. Also those of a predecessor,
    /// which were not received.
    /// </summary>
    /// <param name="workerIndex">Who has handled it.</param>
    /// <param name="opcode">As <see cref="Connection.RequestsOf"/> counts it: below 64.</param>
    /// <param name="isError">It is answered with an error, ENOENT and the like among them.</param>
    void Handled(int workerIndex, int opcode, bool isError);

    /// <summary>The reply to a request that was received is written, or there was none to write.</summary>
    /// <param name="workerIndex">Whose it was.</param>
    /// <param name="opcode">As with <see cref="Handled"/>.</param>
    /// <param name="timestamp">When, as with <see cref="Received"/>.</param>
    void Answered(int workerIndex, int opcode, long timestamp);
}
