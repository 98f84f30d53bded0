namespace ProcFs.Metrics;

/// <summary>Mounts of ours in containers, the topmost at each place.</summary>
/// <param name="Own">Of the connection that is served, in the directory of one container.</param>
/// <param name="Common">Of that connection, of the common files.</param>
/// <param name="Dead">Of connections before it.</param>
internal readonly record struct MountCounts(int Own, int Common, int Dead)
{
    /// <summary>Of the connection that is served.</summary>
    public int Current => Own + Common;

    public static MountCounts operator +(MountCounts one, MountCounts other) => new(one.Own + other.Own, one.Common + other.Common, one.Dead + other.Dead);
}
