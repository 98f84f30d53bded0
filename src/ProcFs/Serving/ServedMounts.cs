using Microsoft.Extensions.Logging;
using ProcFs.Fuse;
using ProcFs.Hook;
using ProcFs.Privileges;

namespace ProcFs.Serving;

/// <summary>
/// The two places of a session. The connection is mounted privately, below the run directory: hooks and tools take a container's files from
/// there. What is for everybody is bound from it to the public mount point, by which the session is known. Both are looked at in mountinfo
/// alone: a thread of the server never uses a path on its own mount.
/// </summary>
internal sealed partial class ServedMounts(DaemonOptions options, IAttacher attacher, ILogger logger)
{
    /// <summary>Where the connection is mounted.</summary>
    public string Private { get; } = PrivatePath(options.RunDirectory, options.Mount);

    /// <summary>Where the common files are bound.</summary>
    public string Public => options.Mount;

    /// <summary>The file that tells of both.</summary>
    public string MountInfo => options.Roots.Proc + "/self/mountinfo";

    /// <summary>Where the connection of a public mount point is mounted.</summary>
    public static string PrivatePath(string runDirectory, string mount) => Path.Combine(RunDirectory.PrivateMounts(runDirectory), MountName.Of(mount));

    /// <summary>Where a daemon's attacher works.</summary>
    /// <param name="mount">The public mount point.</param>
    /// <param name="runDirectory">The daemon's.</param>
    /// <param name="procRoot">Where mountinfo is.</param>
    /// <param name="rootArguments">All of these as options.</param>
    public static AttacherPlaces PlacesOf(string mount, string runDirectory, string procRoot, IReadOnlyList<string> rootArguments)
        => new() { Private = PrivatePath(runDirectory, mount), Public = mount, ProcRoot = procRoot, RootArguments = rootArguments };

    /// <summary>Takes both mounts off their places: whatever of ours is there. The connection ends with its last user.</summary>
    /// <returns>How many were detached.</returns>
    /// <exception cref="FuseException">The kernel refused.</exception>
    public static int Detach(string runDirectory, string mount, string procRoot)
        => FuseMount.DetachAll(mount, procRoot: procRoot) + FuseMount.DetachAll(PrivatePath(runDirectory, mount), procRoot: procRoot);

    /// <summary>Makes both places ready for a new session.</summary>
    /// <exception cref="Failure">One of them cannot be mounted on.</exception>
    public void Prepare()
    {
        PreparePublic();
        PreparePrivate();
    }

    /// <summary>Mounts a session that is not mounted anywhere.</summary>
    /// <exception cref="FuseException">The kernel refused.</exception>
    public void Mount(OpenedSession session)
    {
        attacher.Mount(session.Device, ConnectionMark.New(), NewContext());
        session.Journal.IsMounted = true;
        session.Journal.Connection = Note();
    }

    /// <summary>
    /// A connection lives on in containers when it was unmounted here, and one of an earlier version has no private mount: mounted again, the
    /// device gives the same files. When that fails the containers are served all the same.
    /// </summary>
    public void MountAgain(OpenedSession session)
    {
        Journal journal = session.Journal;
        try
        {
            MountPointState state = Look(Private);
            if (state.Kind != MountPointKind.OwnMount || (journal.Connection != 0 && state.DeviceMinor != journal.Connection))
            {
                PreparePrivate();
                MountOnceMore(session);
                LogMountedAgain(Private, Public);
            }

            journal.Connection = Note();
        }
        catch (Exception exception) when (exception is Failure or FuseException)
        {
            LogNotMountedAgain(Private, exception.Message, Public);
        }
    }

    /// <summary>Binds the common files to the public mount point, if that is not done yet. The workers must be running.</summary>
    /// <param name="session">What is served.</param>
    /// <exception cref="Failure">It is a new session, and the bind cannot be made.</exception>
    public void Bind(OpenedSession session)
    {
        try
        {
            MountPointState state = Look(Public);
            bool isThisSession = state.Kind == MountPointKind.OwnMount && session.Journal.Connection is var connection && (connection == 0 || state.DeviceMinor == connection);
            if (isThisSession && state.Root == CommonBind.Directory)
            {
                return;
            }

            if (isThisSession)
            {
                // An earlier version mounted all of it here.
                _ = attacher.DetachAll(isPublic: true);
            }

            PreparePublic();
            if (attacher.Bind() is { } refusal)
            {
                throw new Failure(ExitCode.Failed, refusal);
            }

            if (session.Origin is SessionOrigin.Resumed or SessionOrigin.WithoutJournal)
            {
                LogBoundAgain(Public);
            }
        }
        catch (Exception exception) when (exception is Failure or FuseException && session.Origin is SessionOrigin.Resumed or SessionOrigin.WithoutJournal)
        {
            LogNotBoundAgain(Public, exception.Message);
        }
    }

    /// <summary>The number of the connection that is mounted, whatever it is; null when none is.</summary>
    public uint? Connection() => Look(Private).DeviceMinor ?? Look(Public).DeviceMinor;

    /// <summary>The private one, which was made just now, without looking: for a process that can open nothing any more.</summary>
    public void DetachBlindly() => attacher.DetachBlindly();

    /// <summary>Takes both off their places, as <see cref="Detach"/> does.</summary>
    /// <exception cref="FuseException">The kernel refused.</exception>
    public void DetachBoth() => _ = attacher.DetachAll(isPublic: true) + attacher.DetachAll(isPublic: false);

    /// <summary>What is at a place.</summary>
    /// <exception cref="FuseException">mountinfo cannot be read.</exception>
    public MountPointState Look(string path) => MountPoint.Inspect(path, procRoot: options.Roots.Proc);

    /// <summary>The label of a new connection; null: none is configured, or none can be given here.</summary>
    private string? NewContext()
    {
        string? context = options.Config.SelinuxContext;
        if (context is null || Selinux.IsInUse(options.Roots.Proc))
        {
            return context;
        }

        LogNoSelinux(Public, context);
        return null;
    }

    /// <summary>The kernel wants mark and label of the first mount: the mark is kept when none is said, the label has to be said again.</summary>
    private void MountOnceMore(OpenedSession session)
    {
        MountPointState common = Look(Public);
        bool isBound = common.Kind == MountPointKind.OwnMount && common.DeviceMinor == session.Journal.Connection;
        string? context = isBound ? common.Context : NewContext();
        try
        {
            attacher.Mount(session.Device, maxRead: 0, context);
        }
        catch (FuseException exception) when (context is not null && exception.Errno == FuseErrno.EINVAL)
        {
            attacher.Mount(session.Device, maxRead: 0, context: null); // it was configured later than the first mount
        }
    }

    private void PreparePublic() => Told(Public, MountPreparation.Prepare(Public, options.CreateMount, options.Roots.Proc, () => attacher.DetachAll(isPublic: true)));

    private void PreparePrivate()
    {
        string parent = RunDirectory.PrivateMounts(options.RunDirectory);
        try
        {
            Directory.CreateDirectory(parent, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.Failed, $"cannot make {parent}: {exception.Message}; choose another run directory with --run-dir");
        }

        Told(Private, MountPreparation.Prepare(Private, create: true, options.Roots.Proc, () => attacher.DetachAll(isPublic: false)));
    }

    private void Told(string path, int detached)
    {
        if (detached > 0)
        {
            LogTakenOff(path, detached);
        }
    }

    /// <summary>Writes down which connection is mounted privately. Its number; 0 when it cannot be found out.</summary>
    private uint Note()
    {
        uint connection = 0;
        string? defect;
        try
        {
            MountPointState state = Look(Private);
            connection = state.DeviceMinor ?? 0;
            defect = connection == 0
                ? $"{Private} is not in {MountInfo}"
                : ConnectionRecord.Note(options.RunDirectory, options.Roots.Proc, connection, state.MaxRead, MountName.Of(options.Mount));
        }
        catch (FuseException exception)
        {
            defect = exception.Message;
        }

        if (defect is not null)
        {
            LogNotNoted(Public, defect);
        }

        return connection;
    }

    [LoggerMessage(1141, LogLevel.Warning, "took {Count} dead mount(s) of an earlier daemon off {Path}")]
    private partial void LogTakenOff(string path, int count);

    [LoggerMessage(1142, LogLevel.Warning, "{Private} was not mounted any more: it is mounted again, with the files that containers hold of {Mount}")]
    private partial void LogMountedAgain(string @private, string mount);

    [LoggerMessage(1143, LogLevel.Error, "{Private} cannot be mounted again ({Reason}): containers that hold files of {Mount} are served, new ones will not find them")]
    private partial void LogNotMountedAgain(string @private, string reason, string mount);

    [LoggerMessage(1144, LogLevel.Warning, "{Mount} had been unmounted while containers hold its files: it is mounted again, with the same files")]
    private partial void LogBoundAgain(string mount);

    [LoggerMessage(1145, LogLevel.Error, "{Mount} had been unmounted and cannot be mounted again ({Reason}): containers that hold its files are served, new ones will not find them")]
    private partial void LogNotBoundAgain(string mount, string reason);

    [LoggerMessage(1146, LogLevel.Error, "the connection of {Mount} cannot be noted ({Defect}): should it ever be lost, its dead files in containers will not be known as ours, and have to be unmounted by hand")]
    private partial void LogNotNoted(string mount, string defect);

    [LoggerMessage(1147, LogLevel.Information, "{Mount} is mounted without the SELinux label {Context}: SELinux is not in use on this host")]
    private partial void LogNoSelinux(string mount, string context);
}
