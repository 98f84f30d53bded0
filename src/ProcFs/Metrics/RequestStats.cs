using System.Diagnostics;
using ProcFs.Fuse;

namespace ProcFs.Metrics;

/// <summary>Counts requests and how long they take.</summary>
internal sealed class RequestStats : IRequestObserver
{
    private const int Read = 15; // FUSE_READ

    private readonly WorkerStats[] _workers;

    public RequestStats(WorkerStats[] workers)
    {
        _workers = workers;
        Debug.Assert(Stopwatch.Frequency == 1_000_000_000, "on Linux a timestamp is in ns");
    }

    public void Received(int workerIndex, long timestamp) => _workers[workerIndex].ReceivedNs = timestamp;

    public void Handled(int workerIndex, int opcode, bool isError) => _workers[workerIndex].CountOperation(opcode, isError);

    public void Answered(int workerIndex, int opcode, long timestamp)
        => _workers[workerIndex].CountTime(opcode == Read, timestamp - _workers[workerIndex].ReceivedNs);
}
