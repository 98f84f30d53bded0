using System.Runtime.InteropServices;

namespace ProcFs.Fuse;

/// <summary>How many recoveries in a row have ended in the handler of the request that was found in a slot.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PoisonRecord
{
    public const int Size = 16;

    /// <summary>Without the resent bit.</summary>
    public ulong Unique;
    public ulong Tries;

    /// <summary>Counts a request that is about to be handled.</summary>
    public void Begin(ulong id)
    {
        if (Unique != id)
        {
            Volatile.Write(ref Tries, 0); // in this order: a kill in between charges nobody with another's tries
            Volatile.Write(ref Unique, id);
        }

        Volatile.Write(ref Tries, Tries + 1);
    }

    /// <summary>It has been handled, and the server is still there.</summary>
    public void End() => Volatile.Write(ref Tries, 0);
}
