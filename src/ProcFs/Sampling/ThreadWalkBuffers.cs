namespace ProcFs.Sampling;

/// <summary>Memory for walks, one set per worker.</summary>
internal sealed class ThreadWalkBuffers
{
    public int[] Pids = new int[256];
    public byte[] Text = new byte[4096];
    public byte[] Entries = new byte[16384];
}
