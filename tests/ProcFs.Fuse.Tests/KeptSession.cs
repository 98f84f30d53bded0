using ProcFs.Fuse.Wire;
using ProcFs.Interop;

namespace ProcFs.Fuse.Tests;

/// <summary>
/// A mount whose device and journal this process keeps, for servers that come and go. Nothing here touches a path on the mount; readers
/// are children. At the end the connection is aborted, which frees every reader, and the mount detached.
/// </summary>
internal sealed class KeptSession : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FuseDevice _device;
    private readonly string _parent;
    private readonly List<ChildProcess> _readers = [];
    private FuseServerProcess? _server;

    public KeptSession()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "needs python3");
        _device = RealMount.OpenDeviceOrSkip();
        _parent = RealMount.NewDirectory();
        Path = _parent + "/mnt";
        Directory.CreateDirectory(Path);
        Journal = Journal.Create(Path, 1, 0);
        try
        {
            FuseMount.Mount(_device, Path, RealMount.Subtype);
        }
        catch (FuseException exception) when (exception.Errno == FuseErrno.EPERM)
        {
            Dispose();
            Assert.Skip(exception.Message);
        }

        Journal.IsMounted = true;
        Journal.Connection = MountPoint.Inspect(Path, RealMount.Subtype).DeviceMinor ?? throw new InvalidOperationException("the new mount is not in mountinfo");
        RealMount.NeedControl();
        File.WriteAllText(_parent + "/read.py", Reader);
    }

    public string Path { get; }

    public Journal Journal { get; }

    public FuseServerProcess Server => _server ?? throw new InvalidOperationException("no server has been started");

    /// <summary>Opcode and node of the requests that were read and not answered, or answered just now.</summary>
    public unsafe (uint Opcode, ulong NodeId)[] Owed
    {
        get
        {
            List<(uint, ulong)> owed = [];
            using RequestSlots slots = new(Journal);
            for (int i = 0; i < slots.Count; i++)
            {
                if (slots.UniqueIn(i) != 0)
                {
                    FuseInHeader* header = (FuseInHeader*)slots.Request(i);
                    owed.Add(((uint)header->Opcode, header->NodeId));
                }
            }

            return [.. owed];
        }
    }

    /// <summary>Reads one request, which must be there, as a server that is killed right after it.</summary>
    public unsafe void TakeRequest()
    {
        using RequestSlots slots = new(Journal);
        Assert.True(Libc.Read(_device.Number, slots.Request(0), RequestSlots.RequestSize) > 0);
    }

    public unsafe byte[] CopyOf(int slot)
    {
        using RequestSlots slots = new(Journal);
        return new ReadOnlySpan<byte>(slots.Request(slot), RequestSlots.RequestSize).ToArray();
    }

    public unsafe void Plant(int slot, ReadOnlySpan<byte> request)
    {
        using RequestSlots slots = new(Journal);
        request.CopyTo(new Span<byte>(slots.Request(slot), RequestSlots.RequestSize));
    }

    /// <summary>Starts the next server; the one before must be gone.</summary>
    public FuseServerProcess StartServer(params string[] switches)
    {
        _server?.Dispose();
        return _server = new FuseServerProcess(_device.Number, Journal.Number, switches);
    }

    /// <summary>A child that reads until it is told to stop: every byte is compared, and the longest round timed.</summary>
    public ChildProcess StartReader() => Start($"exec /usr/bin/python3 {_parent}/read.py {Path} {_parent}/stop");

    public ChildProcess Start(string script)
    {
        ChildProcess child = new(script, ("M", Path));
        _readers.Add(child);
        return child;
    }

    public void StopReaders() => File.WriteAllText(_parent + "/stop", "");

    /// <summary>The child's end; null when it hangs.</summary>
    public static ChildResult? Finish(ChildProcess child, TimeSpan? patience = null) => child.TryFinish(patience ?? Patience, out ChildResult? result) ? result : null;

    public void Abort() => RealMount.Abort(Journal.Connection);

    public void Dispose()
    {
        if (Journal.IsMounted)
        {
            Abort();
            FuseMount.DetachAll(Path, RealMount.Subtype);
        }

        foreach (ChildProcess reader in _readers)
        {
            reader.Dispose();
        }

        _server?.Dispose();
        Journal.Dispose();
        _device.Dispose();
        if (MountPoint.Inspect(Path, RealMount.Subtype).Kind == MountPointKind.Nothing)
        {
            Directory.Delete(_parent, recursive: true);
        }
    }

    /// <summary>What the files hold is known here by rule, not by reading them.</summary>
    private const string Reader = """
        import os, sys, time

        mount, stop = sys.argv[1:]
        meminfo = b'MemTotal:          51200 kB\nMemFree:           40000 kB\n'
        big = bytes(i % 251 for i in range(300000))
        names = sorted('file%d' % i for i in range(300))

        def content(name, size):
            fd = os.open(mount + '/' + name, os.O_RDONLY)
            try:
                parts = []
                while True:
                    part = os.read(fd, size)
                    if not part:
                        return b''.join(parts)
                    parts.append(part)
            finally:
                os.close(fd)

        def missing():
            try:
                os.stat(mount + '/nothing')
                return False
            except FileNotFoundError:
                return True

        checks = [
            lambda: content('meminfo', 7) == meminfo,
            lambda: content('big', 65536) == big,
            lambda: content('meminfo', 65536) == meminfo,
            lambda: sorted(os.listdir(mount + '/sub')) == names,
            missing,
            lambda: os.statvfs(mount).f_namemax == 255,
        ]
        rounds, longest = 0, 0.0
        while not os.path.exists(stop):
            for number, check in enumerate(checks):
                start = time.monotonic()
                try:
                    if not check():
                        print('corrupt', number, rounds)
                        sys.exit(2)
                except OSError as error:
                    print('failed', number, rounds, error.errno, error)
                    sys.exit(1)
                longest = max(longest, time.monotonic() - start)
            rounds += 1
        print('ok', rounds, longest)
        """;
}
