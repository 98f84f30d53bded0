namespace ProcFs.Fuse.Wire;

/// <summary>A name in a request: bytes and a NUL that ends the body.</summary>
internal static class FuseName
{
    /// <summary>FUSE_NAME_MAX was 1024 until Linux 6.15 made it PATH_MAX - 1; names here are shorter, and statfs says so.</summary>
    public const int MaxLength = 255;

    /// <summary>Checks the rest of a body and takes off its NUL. No terminator, NUL inside, '/' or no bytes: EINVAL.</summary>
    public static FuseErrno TryParse(ReadOnlySpan<byte> body, out ReadOnlySpan<byte> name)
    {
        name = default;
        if (body.Length < 2 || body[^1] != 0)
        {
            return FuseErrno.EINVAL;
        }

        ReadOnlySpan<byte> bytes = body[..^1];
        if (bytes.ContainsAny((byte)'/', (byte)0))
        {
            return FuseErrno.EINVAL;
        }

        if (bytes.Length > MaxLength)
        {
            return FuseErrno.ENAMETOOLONG;
        }

        name = bytes;
        return FuseErrno.None;
    }
}
