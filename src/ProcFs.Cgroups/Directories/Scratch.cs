namespace ProcFs.Cgroups;

/// <summary>Each thread's buffer for the text of one kernel file. It grows to the largest text seen and stays.</summary>
internal static class Scratch
{
    /// <summary>A text longer than this is not read: no kernel file is, so something else is in its place.</summary>
    public const int MaxBytes = 64 << 20;

    [ThreadStatic]
    private static byte[]? _buffer;

    public static byte[] Buffer => _buffer ??= new byte[16384];

    /// <summary>Twice the size; false at the bound.</summary>
    public static bool TryGrow()
    {
        if (Buffer.Length >= MaxBytes)
        {
            return false;
        }

        _buffer = new byte[Buffer.Length * 2];
        return true;
    }
}
