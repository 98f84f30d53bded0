using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse;

/// <summary>What one worker has done. Written by it alone, read by anyone.</summary>
internal sealed class WorkerCounters
{
    private readonly long[] _byOpcode = new long[OperationTable.Size];
    private long _errors;

    public long Errors => Volatile.Read(ref _errors);

    public long Of(int index) => Volatile.Read(ref _byOpcode[index]);

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
