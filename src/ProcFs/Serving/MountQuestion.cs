using ProcFs.Children;
using ProcFs.Hook;
using ProcFs.Interop;

namespace ProcFs.Serving;

/// <summary>What a mount of our own type says when it is looked at.</summary>
internal enum MountAnswer
{
    /// <summary>Its connection has ended: nobody will ever answer.</summary>
    Dead,

    /// <summary>Somebody serves it.</summary>
    Served,

    /// <summary>Nobody has answered in time, and somebody still might: its descriptors are kept.</summary>
    None,
}

/// <summary>
/// Looks at a mount that may be dead, in a process of its own. A thread of the daemon must never wait for a mount: when the daemon is
/// killed at that moment, the thread waits for an answer that only the daemon's successor can give, which waits for the daemon's end.
/// </summary>
internal static class MountQuestion
{
    public const string Verb = "ask-mount";

    private const int IsDead = 10;

    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(2);

    /// <exception cref="Failure">The program could not start itself.</exception>
    public static MountAnswer Ask(string mount)
    {
        // Under its own name, whatever we were called by: lxcfs has a command line of its own.
        using ChildVerb? child = ChildVerb.Start([Verb, mount], out Errno error);
        if (child is null)
        {
            throw new Failure(ExitCode.Failed, $"cannot start {OwnProgram.Path} again, to look at {mount}: {Libc.Describe(error)}");
        }

        if (child.WaitForEnd(AnswersWithin, out int? exitCode))
        {
            return exitCode == IsDead ? MountAnswer.Dead : MountAnswer.Served;
        }

        child.Kill();
        return MountAnswer.None;
    }

    /// <summary>The child's part: its exit code.</summary>
    public static int Answer(string mount)
    {
        Errno error = Libc.ErrorOf(Libc.Statx(Libc.AT_FDCWD, Libc.PathBytes(mount), Libc.AT_STATX_FORCE_SYNC, Libc.STATX_TYPE, out _));
        return error is Errno.ENOTCONN or Errno.ECONNABORTED ? IsDead : 0;
    }
}
