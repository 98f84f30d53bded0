using ProcFs.Interop;

namespace ProcFs;

/// <summary>What ends a command: an exit code and one sentence that says what failed, where, and what to try.</summary>
internal sealed class Failure(ExitCode code, string sentence) : Exception(sentence)
{
    public ExitCode Code { get; } = code;
}

/// <summary>The exit codes of every verb.</summary>
internal enum ExitCode
{
    /// <summary>Done.</summary>
    Done = 0,

    /// <summary>It failed; another try or another state of the host may succeed.</summary>
    Failed = 1,

    /// <summary>Wrong use: the command line or the configuration.</summary>
    WrongUse = 2,

    /// <summary>Not possible on this host, or not for this user.</summary>
    Impossible = 3,
}

/// <summary>Which exit code an error of the kernel is worth.</summary>
internal static class ErrorExit
{
    /// <summary>Whatever passes by itself, as a shortage does, is worth another start; the unit makes none after <see cref="ExitCode.Impossible"/>.</summary>
    public static ExitCode Of(Errno error)
        => error is Errno.ENFILE or Errno.EMFILE or Errno.ENOMEM or Errno.EAGAIN or Errno.EINTR or Errno.EIO or Errno.EBUSY ? ExitCode.Failed : ExitCode.Impossible;
}
