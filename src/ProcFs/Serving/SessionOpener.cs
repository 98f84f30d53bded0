using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using ProcFs.Fuse;
using ProcFs.Tree;

namespace ProcFs.Serving;

/// <summary>
/// Finds the session that the daemon serves: the one that a predecessor left, if its descriptors were kept and it is alive, else a new
/// one. Mounts nothing.
/// </summary>
internal sealed partial class SessionOpener(DaemonOptions options, Custody custody, ILogger logger)
{
    // The keeper holds the lock only while it answers what waits.
    private static readonly TimeSpan LockWithin = TimeSpan.FromSeconds(10);

    /// <exception cref="Failure">The mount point or the device is not usable, or somebody else holds the session.</exception>
    /// <exception cref="FuseException">The journal cannot be made.</exception>
    public OpenedSession Open()
    {
        if (custody.Take() is not { } kept)
        {
            return OpenNew();
        }

        FuseDevice device = FuseDevice.Adopt(kept.Device);
        Journal? journal = null;
        string? defect = "it was not kept";
        if (kept.Journal >= 0)
        {
            journal = Journal.TryOpen(kept.Journal, out defect);
        }

        if (journal is null)
        {
            return Replace(device, kept, defect!);
        }

        Lock(journal);
        if (!device.HasEnded)
        {
            journal.IsMounted = true; // the predecessor may have ended between mount(2) and saying so
            return new OpenedSession(device, journal, SessionOrigin.Resumed);
        }

        if (!journal.IsMounted)
        {
            return new OpenedSession(device, journal, SessionOrigin.NotMounted);
        }

        LogDead(options.Mount);
        journal.Dispose();
        device.Dispose();
        custody.Drop();
        return OpenNew();
    }

    /// <summary>A device and a journal of our own, given to whoever keeps them.</summary>
    public OpenedSession OpenNew()
    {
        PrepareMount();
        FuseDevice device = OpenDevice();
        Journal journal = NewJournal();
        custody.Store(device, journal);
        return new OpenedSession(device, journal, SessionOrigin.Fresh);
    }

    /// <summary>Makes the mount point ready for a mount.</summary>
    public void PrepareMount()
    {
        int detached = MountPreparation.Prepare(options.Mount, options.CreateMount);
        if (detached > 0)
        {
            LogTakenOff(options.Mount, detached);
        }
    }

    /// <summary>
    /// A journal that we cannot read, of another version or spoilt. The kernel can be asked to send everything unanswered again (Linux 6.9);
    /// where it cannot, readers of the old connection would wait for ever: it must end.
    /// </summary>
    private OpenedSession Replace(FuseDevice device, KeptDescriptors kept, string defect)
    {
        custody.Drop();
        if (kept.Journal >= 0)
        {
            _ = Interop.Libc.Close(kept.Journal);
        }

        if (!device.HasEnded && device.Resend())
        {
            LogWithoutJournal(options.Mount, defect);
            Journal journal = NewJournal();
            journal.IsMounted = true;
            custody.Store(device, journal);
            return new OpenedSession(device, journal, SessionOrigin.WithoutJournal);
        }

        LogAbandoned(options.Mount, defect);
        device.Dispose();
        return OpenNew();
    }

    private Journal NewJournal()
    {
        Journal journal = Journal.Create(
            MountPoint.Canonical(options.Mount), SnapshotTable.Version, SnapshotTable.BytesFor(options.Config.OpenFiles));
        Lock(journal);
        return journal;
    }

    private void Lock(Journal journal)
    {
        long start = Stopwatch.GetTimestamp();
        while (!journal.TryLock())
        {
            if (Stopwatch.GetElapsedTime(start) > LockWithin)
            {
                journal.IsLockedByOther(out int pid);
                throw new Failure(ExitCode.Failed, string.Create(CultureInfo.InvariantCulture,
                    $"process {pid} still works on the session of {options.Mount}: end it (kill {pid})"));
            }

            Thread.Sleep(5);
        }
    }

    private static FuseDevice OpenDevice()
    {
        try
        {
            return FuseDevice.Open();
        }
        catch (FuseException exception)
        {
            throw new Failure(ExitCode.Impossible, exception.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "took {Count} dead mount(s) of an earlier daemon off {Mount}: containers that hold one need their files mounted again")]
    private partial void LogTakenOff(string mount, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the kept connection of {Mount} has ended, unmounted or aborted by somebody: a new mount is made, and containers that hold files of the old one need them mounted again")]
    private partial void LogDead(string mount);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the journal of {Mount} cannot be used ({Defect}): the kernel was asked to send again what is unanswered, and the connection goes on")]
    private partial void LogWithoutJournal(string mount, string defect);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the journal of {Mount} cannot be used ({Defect}), and this kernel cannot send again what is unanswered (Linux 6.9 can): a new mount is made, and containers that hold files of the old one need them mounted again")]
    private partial void LogAbandoned(string mount, string defect);
}
