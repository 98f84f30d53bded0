using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ProcFs.Fuse;

/// <summary>Walks one request. Every method returns false instead of reading past the end.</summary>
internal ref struct RequestReader(ReadOnlySpan<byte> request)
{
    private ReadOnlySpan<byte> _rest = request;

    /// <summary>What has not been read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Takes one kernel structure.</summary>
    public bool TryRead<T>(out T value)
        where T : unmanaged
    {
        if (!MemoryMarshal.TryRead(_rest, out value))
        {
            return false;
        }

        _rest = _rest[Unsafe.SizeOf<T>()..];
        return true;
    }

    /// <summary>Takes bytes off the end.</summary>
    public bool TryTrim(int length)
    {
        if (length > _rest.Length)
        {
            return false;
        }

        _rest = _rest[..^length];
        return true;
    }
}
