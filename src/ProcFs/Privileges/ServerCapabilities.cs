using ProcFs.Interop;

namespace ProcFs.Privileges;

/// <summary>What the process that answers readers may do beyond root's own files, capabilities(7). SECURITY.md has the table.</summary>
internal static class ServerCapabilities
{
    /// <summary>All that is needed after the start; of what the process was started with.</summary>
    public const ulong Kept = (1UL << Libc.CAP_DAC_OVERRIDE) // pressure files of containers whose users own their cgroups; the unit has not got it
        | (1UL << Libc.CAP_SYS_PTRACE) // namespaces of readers with other users
        | (1UL << Libc.CAP_DAC_READ_SEARCH) // /proc/PID of others, cgroup files that their owners closed
        | (1UL << Libc.CAP_SYS_RESOURCE) // triggers on pressure files; the limit of open files
        | (1UL << Libc.CAP_IPC_LOCK); // memory that has to answer when the machine has none

    /// <summary>The one without which nothing can be mounted.</summary>
    private const ulong Mounting = 1UL << Libc.CAP_SYS_ADMIN;

    private const int Bits = 64;

    /// <summary>Whether a set has anything that is not kept.</summary>
    public static bool HasMore(ulong permitted) => (permitted & ~Kept) != 0;

    /// <summary>Whether a process with that set can mount.</summary>
    public static bool CanMount(ulong permitted) => (permitted & Mounting) != 0;

    /// <summary>
    /// Gives up all others, for this thread and the program that it becomes: execve(2) would give root the whole bounding set again, so it is made smaller
    /// where that is allowed (CAP_SETPCAP), and no_new_privs is set.
    /// </summary>
    /// <returns>0; or -errno, and what this thread has is what it had, but its later programs may have less.</returns>
    public static int GiveUpOthers()
    {
        ulong permitted = Libc.PermittedCapabilities();
        int result = Libc.SetNoNewPrivileges();
        if (result < 0)
        {
            return result;
        }

        for (int capability = 0; capability < Bits; capability++)
        {
            if ((Kept & (1UL << capability)) == 0 && Libc.DropFromBoundingSet(capability) < 0)
            {
                break; // not allowed, or beyond the last one
            }
        }

        return Libc.SetCapabilities(permitted & Kept);
    }
}
