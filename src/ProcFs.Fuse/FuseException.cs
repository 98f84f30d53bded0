namespace ProcFs.Fuse;

/// <summary>The device could not be opened or a mount not made. The message is one sentence for people: what failed, where, what to try.</summary>
public sealed class FuseException : Exception
{
    /// <summary>An error without a cause.</summary>
    public FuseException()
    {
    }

    /// <summary>An error with a message.</summary>
    public FuseException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message and a cause.</summary>
    public FuseException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>An error number of the kernel, with a message.</summary>
    public FuseException(string message, FuseErrno errno)
        : base(message) => Errno = errno;

    /// <summary>The kernel's error; <see cref="FuseErrno.None"/> when there was none. May be a number without a name here.</summary>
    public FuseErrno Errno { get; }
}
