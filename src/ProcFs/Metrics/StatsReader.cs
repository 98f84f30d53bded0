using ProcFs.Host;
using ProcFs.Interop;

namespace ProcFs.Metrics;

/// <summary>Reads the counters of a mount without asking its daemon, which may hang or be gone.</summary>
internal static class StatsReader
{
    /// <summary>The counters of a mount; false: there are none, or none that can be used.</summary>
    /// <param name="runDirectory">Of the daemon.</param>
    /// <param name="mount">Its public mount point.</param>
    /// <param name="snapshot">What they are.</param>
    /// <param name="defect">Why the file cannot be used, in one sentence; null: no daemon has begun to count here.</param>
    /// <param name="procRoot">Whose boot it must be of.</param>
    public static bool TryRead(string runDirectory, string mount, out StatsSnapshot snapshot, out string? defect, string procRoot = HostRoots.DefaultProc)
    {
        snapshot = new StatsSnapshot();
        string path = StatsFile.PathOf(runDirectory, mount);
        using FileDescriptor? file = FileDescriptor.Open(path, Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK, out Errno error);
        if (file is null)
        {
            defect = error == Errno.ENOENT ? null : $"cannot read {path}: {Libc.Describe(error)}";
            return false;
        }

        // Read, not mapped: a file that somebody cuts off meanwhile is an error then, and no signal.
        byte[] bytes = new byte[StatsLayout.Length + 1];
        int length = 0;
        nint count;
        while ((count = Libc.Read(file.Number, bytes.AsSpan(length))) > 0)
        {
            length += (int)count;
        }

        snapshot.Load(bytes.AsSpan(0, length));
        string? why = count < 0 ? Libc.Describe(Libc.ErrorOf(count)) : StatsSnapshot.DefectOf(snapshot.Header, length, BootOf(procRoot));
        defect = why is null ? null : $"{path} cannot be used ({why}): the next daemon makes a new one";
        return why is null;
    }

    /// <summary>Null where it cannot be told: then it does not matter.</summary>
    private static Guid? BootOf(string procRoot)
    {
        try
        {
            return Guid.TryParse(File.ReadAllText(Path.Combine(procRoot, "sys/kernel/random/boot_id")).Trim(), out Guid boot) ? boot : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
