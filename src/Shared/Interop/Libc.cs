using System.Runtime.InteropServices;

namespace ProcFs.Interop;

/// <summary>
/// Calls into libc, about one per file; a project's csproj lists the files it links, and so shows which system calls it can make.
/// Every wrapper answers like the kernel itself does: zero or more for success, <c>-errno</c> for failure. EINTR is retried inside.
/// No call uses SuppressGCTransition: a collection would wait for a thread that blocks in it.
/// </summary>
internal static unsafe partial class Libc
{
    private const string Library = "libc";

    /// <summary>The error in a wrapper's result; <see cref="Errno.None"/> when it is not negative.</summary>
    public static Errno ErrorOf(nint result) => result < 0 ? (Errno)(-result) : Errno.None;

    /// <summary>"No such file or directory": the C library's own text for an error, for messages to people.</summary>
    public static string Describe(Errno error) => Marshal.GetPInvokeErrorMessage((int)error);

    private static nint Result(nint value) => value >= 0 ? value : -Marshal.GetLastSystemError();

    private static bool Interrupted(nint result) => result == -(nint)Errno.EINTR;
}
