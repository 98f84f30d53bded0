using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using ProcFs.Fuse;
using ProcFs.Interop;
using ProcFs.Tree;

namespace ProcFs.Serving;

/// <summary>
/// Finds the session that the daemon serves: the one that a predecessor left, if its descriptors were kept and it is alive, else a new
/// one. Mounts nothing. What is alive is never thrown away for something that may pass: then the start fails, and the next one tries again.
/// </summary>
internal sealed partial class SessionOpener(DaemonOptions options, ServedMounts mounts, Custody custody, ILogger logger)
{
    // The keeper holds the lock only while it answers what waits.
    private static readonly TimeSpan LockWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LockEvery = TimeSpan.FromMilliseconds(5);

    /// <exception cref="Failure">The mount point, the device or the session is not usable now, or somebody else holds it.</exception>
    /// <exception cref="FuseException">The journal cannot be made.</exception>
    public OpenedSession Open()
    {
        if (custody.Take() is not { } kept)
        {
            return OpenNew();
        }

        FuseDevice device = FuseDevice.Adopt(kept.Device);
        string? defect = "it was not kept";
        bool mayPass = false;
        Journal? journal = kept.Journal < 0 ? null : Journal.TryOpen(kept.Journal, out defect, out mayPass);
        if (journal is null)
        {
            return mayPass
                ? throw new Failure(ExitCode.Failed, $"the journal of {options.Mount} {defect}")
                : Replace(device, kept.Journal, defect!);
        }

        Lock(journal.TryLock, () => journal.IsLockedByOther(out int pid) ? pid : 0);
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
        return Renew(new OpenedSession(device, journal, SessionOrigin.Resumed));
    }

    /// <summary>A new session in place of one that has ended.</summary>
    public OpenedSession Renew(OpenedSession ended)
    {
        ended.Dispose();
        custody.Drop();
        return OpenNew();
    }

    /// <summary>A device and a journal of our own, given to whoever keeps them.</summary>
    private OpenedSession OpenNew()
    {
        mounts.Prepare();
        FuseDevice device = OpenDevice();
        Journal journal = NewJournal();
        custody.Store(device, journal);
        return new OpenedSession(device, journal, SessionOrigin.Fresh);
    }

    /// <summary>
    /// A journal that we cannot read, of another version or spoilt. The kernel can be asked to send everything unanswered again (Linux 6.9);
    /// where it cannot, readers of the old connection would wait for ever: it must end.
    /// </summary>
    private OpenedSession Replace(FuseDevice device, int unreadable, string defect)
    {
        if (unreadable >= 0)
        {
            // A keeper that can read it may be answering from it at this moment.
            Lock(() => Libc.TryLock(unreadable) >= 0, () => Libc.LockHolder(unreadable));
        }

        OpenedSession opened = !device.HasEnded && device.Resend() ? Continue(device, defect) : Abandon(device, defect);
        if (unreadable >= 0)
        {
            _ = Libc.Close(unreadable);
        }

        return opened;
    }

    private OpenedSession Continue(FuseDevice device, string defect)
    {
        Journal journal = NewJournal();
        journal.IsMounted = true;
        custody.StoreJournal(device, journal);
        LogWithoutJournal(options.Mount, defect);
        return new OpenedSession(device, journal, SessionOrigin.WithoutJournal);
    }

    private OpenedSession Abandon(FuseDevice device, string defect)
    {
        // Others may have copies of the device. As long as the connection lives, its readers wait and its mount is in our way.
        if (!device.HasEnded && mounts.Connection() is { } connection)
        {
            FuseControl.Abort(connection);
        }

        device.Dispose();
        custody.Drop();
        LogAbandoned(options.Mount, defect);
        return OpenNew();
    }

    private Journal NewJournal()
    {
        string mount = MountPoint.Canonical(options.Mount);
        if (System.Text.Encoding.UTF8.GetByteCount(mount) > Journal.MaxMountLength)
        {
            throw new Failure(ExitCode.Failed, $"the mount point's path is longer than {Journal.MaxMountLength} bytes: choose a shorter one with --mount");
        }

        Journal journal = Journal.Create(mount, SnapshotTable.Version, SnapshotTable.BytesFor(options.Config.OpenFiles));
        Lock(journal.TryLock, () => 0);
        return journal;
    }

    private void Lock(Func<bool> tryLock, Func<int> holder)
    {
        long start = Stopwatch.GetTimestamp();
        while (!tryLock())
        {
            if (Stopwatch.GetElapsedTime(start) > LockWithin)
            {
                throw new Failure(ExitCode.Failed, string.Create(CultureInfo.InvariantCulture,
                    $"process {holder()} has worked on the session of {options.Mount} for {LockWithin.TotalSeconds} s: if it is no keeper, end it"));
            }

            Thread.Sleep(LockEvery);
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
            throw new Failure(ErrorExit.Of((Errno)exception.Errno), exception.Message);
        }
    }

    [LoggerMessage(1131, LogLevel.Warning, "the kept connection of {Mount} has ended, unmounted or aborted by somebody: a new mount is made, and containers get its files in place of the old ones")]
    private partial void LogDead(string mount);

    [LoggerMessage(1132, LogLevel.Warning, "the journal of {Mount} cannot be used ({Defect}): the kernel was asked to send again what is unanswered, and the connection goes on")]
    private partial void LogWithoutJournal(string mount, string defect);

    [LoggerMessage(1133, LogLevel.Warning, "the journal of {Mount} cannot be used ({Defect}), and this kernel cannot send again what is unanswered (Linux 6.9 can): a new mount is made, and containers get its files in place of the old ones")]
    private partial void LogAbandoned(string mount, string defect);
}
