using ProcFs.Interop;

namespace ProcFs.Fuse.Tests;

/// <summary>
/// A tiny filesystem mounted for real on a temporary directory. This process never touches a path on the mount (one of its
/// threads would wait for another, and could not even be killed): children do, under a timeout. Whatever happens, the connection
/// is aborted and the mount detached at the end.
/// </summary>
internal sealed class RealMount : IDisposable
{
    public const string Subtype = "procfstest";
    private const string Control = "/sys/fs/fuse/connections";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public RealMount(IFileSystem fileSystem, int workers = 4)
    {
        FuseDevice device = OpenDeviceOrSkip();
        Parent = NewDirectory();
        Path = Parent + "/mnt";
        Directory.CreateDirectory(Path);
        Session = new SessionParameters { NodeTime = DateTimeOffset.FromUnixTimeSeconds(1_000_000_000) };
        Connection = new Connection(device, new RequestSlots(workers), new Dispatcher(fileSystem, Session, Logger), Logger);
        try
        {
            FuseMount.Mount(device, Path, Subtype);
        }
        catch (FuseException exception) when (exception.Errno == FuseErrno.EPERM)
        {
            Connection.Dispose();
            Directory.Delete(Parent, recursive: true);
            Assert.Skip(exception.Message);
        }

        Device = device;
        Minor = MountPoint.Inspect(Path, Subtype).DeviceMinor ?? throw new InvalidOperationException("the new mount is not in mountinfo");
        Connection.Start(workers);
    }

    public string Parent { get; }

    public string Path { get; }

    public uint Minor { get; }

    public FuseDevice Device { get; }

    public SessionParameters Session { get; }

    public ListLogger Logger { get; } = new();

    public Connection Connection { get; }

    public static FuseDevice OpenDeviceOrSkip()
    {
        try
        {
            return Connection.OpenDevice();
        }
        catch (FuseException exception)
        {
            Assert.Skip(exception.Message);
            throw;
        }
    }

    /// <summary>Others may walk through it, unlike through what the library makes.</summary>
    public static string NewDirectory()
    {
        string path = Directory.CreateTempSubdirectory("procfs-fuse-").FullName;
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        return path;
    }

    /// <summary>Runs a shell command in a child; "$M" is the mount point. One that hangs is freed by an abort, and fails the test.</summary>
    public ChildResult Shell(string script)
    {
        using ChildProcess child = Start(script);
        return Finish(child);
    }

    public ChildProcess Start(string script) => new(script, ("M", Path));

    public ChildResult Finish(ChildProcess child)
    {
        // A slow machine (an emulated one) still sends requests; a stuck one does not.
        long seen;
        do
        {
            seen = Connection.Requests;
            if (child.TryFinish(Patience, out ChildResult? result))
            {
                return result;
            }
        }
        while (Connection.Requests != seen);

        Abort();
        Assert.Fail($"the child hangs: {child.Script}; log: {string.Join(" / ", Logger.Lines)}");
        throw new InvalidOperationException("not reached");
    }

    public async Task<ConnectionEnd> Unmount()
    {
        Assert.Equal(1, FuseMount.DetachAll(Path, Subtype));
        return await Ended();
    }

    public Task<ConnectionEnd> Ended() => Connection.Completion.WaitAsync(Patience);

    /// <summary>Ends the connection whatever its server and its readers do; does nothing when it has ended by itself.</summary>
    public void Abort() => Abort(Minor);

    /// <inheritdoc cref="Abort()"/>
    public static void Abort(uint connection)
    {
        NeedControl();
        FuseControl.Abort(connection);
    }

    /// <summary>Mounts fusectl unless somebody has.</summary>
    public static void NeedControl()
    {
        if (MountPoint.Inspect(Control).Type != "fusectl")
        {
            _ = Libc.Mount("fusectl", Control, "fusectl", 0, null); // somebody else may be faster
            Assert.Equal("fusectl", MountPoint.Inspect(Control).Type);
        }
    }

    public void Dispose()
    {
        FuseMount.DetachAll(Path, Subtype);
        if (!Connection.Completion.Wait(TimeSpan.FromSeconds(1))) // somebody still has a file open
        {
            Abort();
        }

        Connection.Dispose();
        // Deleting asks mountinfo first: rmdir of a mount point that is still one would resolve it.
        if (MountPoint.Inspect(Path, Subtype).Kind == MountPointKind.Nothing)
        {
            Directory.Delete(Parent, recursive: true);
        }
    }
}
