using System.Globalization;
using ProcFs.Interop;
using ProcFs.Text;

namespace ProcFs.Containers;

/// <summary>What a caller is allowed on the host: capabilities(7). The caller is asleep in its call, so its number is its own.</summary>
internal static class CallerRights
{
    /// <summary>
    /// Whether a thread has CAP_SYS_RESOURCE in the host's user namespace: what it has in one of its own counts for that one alone. False
    /// for one that cannot be looked at.
    /// </summary>
    /// <param name="proc">Where it is looked for.</param>
    /// <param name="threadId">The thread; 0 is nobody.</param>
    /// <param name="hostUserNamespace">The inode of the host's.</param>
    public static bool HasSysResource(ProcRoot proc, uint threadId, ulong hostUserNamespace)
    {
        if (threadId == 0)
        {
            return false;
        }

        using ProcessDirectory caller = ProcessDirectory.Open(proc, threadId);
        return HasSysResource(caller) && hostUserNamespace != 0 && caller.Namespace("ns/user\0"u8) == hostUserNamespace;
    }

    /// <summary>The same for a process whose user namespace is known, ourselves for one.</summary>
    public static bool HasSysResource(in ProcessDirectory process)
    {
        byte[] buffer = new byte[4096];
        return process.TryRead("status\0"u8, ref buffer, out ReadOnlySpan<byte> status) && IsSet(status, Libc.CAP_SYS_RESOURCE);
    }

    /// <summary>Whether a status file says that a capability is effective.</summary>
    internal static bool IsSet(ReadOnlySpan<byte> status, int capability)
    {
        while (TextLines.TryReadLine(ref status, out ReadOnlySpan<byte> line))
        {
            if (TextLines.NextField(ref line).SequenceEqual("CapEff:"u8))
            {
                return ulong.TryParse(TextLines.NextField(ref line), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong effective)
                    && (effective >> capability & 1) != 0;
            }
        }

        return false;
    }
}
