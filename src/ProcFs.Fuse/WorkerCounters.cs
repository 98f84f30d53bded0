using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse;

/// <summary>What one worker has done. Written by it alone, read by anyone.</summary>
internal sealed class WorkerCounters
{
    private readonly long[] _byOpcode = new long[OperationTable.Size];
    private long _errors;
    private long _busySince;
    private long _lastEnd;

    public long Errors => Volatile.Read(ref _errors);

    public long Of(int index) => Volatile.Read(ref _byOpcode[index]);

    /// <summary>When the request in hand was read (<see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>); 0 when there is none.</summary>
    public long BusySince => Volatile.Read(ref _busySince);

    /// <summary>When the last request was done with; 0 when there was none.</summary>
    public long LastEnd => Volatile.Read(ref _lastEnd);

    /// <summary>Marks the time between the two as busy. A worker that dies of a fault of its own stays busy: it owes an answer.</summary>
    public void Begin(long timestamp) => Volatile.Write(ref _busySince, timestamp);

    /// <inheritdoc cref="Begin"/>
    public void End(long timestamp)
    {
        Volatile.Write(ref _lastEnd, timestamp);
        Volatile.Write(ref _busySince, 0);
    }

    /// <summary>Counted when the reply is ready but not yet written: who has seen the answer finds it counted.</summary>
    public void Count(FuseOpcode opcode, bool isError)
    {
        ref long counter = ref _byOpcode[IndexOf((uint)opcode)];
        Volatile.Write(ref counter, counter + 1);
        if (isError)
        {
            Volatile.Write(ref _errors, _errors + 1);
        }
    }

    public static int IndexOf(uint opcode) => opcode < OperationTable.Size ? (int)opcode : 0;
}
