using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Containers;
using ProcFs.Files;
using ProcFs.Fuse;
using ProcFs.Fuse.Wire;
using ProcFs.Fuzz.Engine;
using ProcFs.Fuzz.Mutation;
using ProcFs.Host;
using ProcFs.Registration;
using ProcFs.Serving;
using ProcFs.Tests.Support;
using ProcFs.Tree;
using ProcFs.Triggers;

namespace ProcFs.Fuzz.Targets;

/// <summary>
/// Streams of requests (<see cref="Requests"/>) at a dispatcher with the served tree of a host with one container, which is registered as number 1 and has the
/// process 50. Each request gets exactly the answer that it wants (<see cref="FuseReplies"/>), and no exception is behind any of them.
/// </summary>
internal sealed class FuseTarget : IFuzzTarget
{
    private const int Process = 50;
    private const long StartTicks = 100_000;
    private const int MostRequests = 64;
    private const long MostAllocatedByOne = 4 << 20;

    private readonly HostTree _host = HostTree.V2();
    private readonly TestClock _clock = new();
    private readonly ViewService _views;
    private readonly PressureTriggers _triggers;
    private readonly ServedTree _tree;
    private readonly ITextSource _source;
    private readonly FaultLogger _log = new();
    private readonly byte[] _reply = new byte[RequestSlots.ReplySize];

    public FuseTarget()
    {
        _host.CpuDirectories(4).Process(Process, StartTicks, "/c", "pid:[4026532001]", "mnt:[4026532002]", namespacePid: 1).Threads(Process, (Process, "S"), (51, "R"));
        _host.Cgroup("/c", ("memory.max", "536870912"), ("memory.current", "4096000"), ("memory.stat", "file 8192\nanon 4096"), ("memory.swap.max", "268435456"), ("memory.swap.current", "4096"),
            ("cpu.max", "150000 100000"), ("cpuset.cpus.effective", "0-3"), ("cpu.stat", "usage_usec 7000000\nuser_usec 5000000\nsystem_usec 2000000"),
            ("io.stat", "254:0 rbytes=4096 wbytes=8192 rios=3 wios=4 dbytes=0 dios=0"), ("cpu.pressure", HostTexts.Pressure), ("memory.pressure", HostTexts.Pressure)).WriteProcs("/c", $"{Process}\n");
        _views = new ViewService(HostRoots.From(_host.Path("proc"), _host.Path("sys/fs/cgroup")), new ViewOptions(), 256, NullLogger.Instance, _clock);
        _views.Registered.Add(new RegisteredContainer(1, new RegistrationKey("fuzz", Process, StartTicks), _ => null));
        _triggers = new PressureTriggers(_views.Pressure, null, _ => true, _ => { }, NullLogger.Instance);
        _tree = new ServedTree(_views.SizeOf, _views.Registered, _views.Served, _views.HasBesideCpus);
        _source = _views.CreateRenderer();
    }

    public IReadOnlyList<Change> Changes => Requests.Changes;

    /// <summary>Each file is found, opened, read in parts and closed, in both trees; directories are listed; a trigger is set.</summary>
    public IEnumerable<byte[]> Seeds()
    {
        byte[] init = Requests.Make(FuseOpcode.FUSE_INIT, 0, [.. Requests.Body(new FuseInitIn { Major = 7, Minor = 40, MaxReadahead = 0x20000, Flags = uint.MaxValue }), .. new byte[48]]);
        yield return Requests.Format([init, Requests.Make(FuseOpcode.FUSE_STATFS, 1), Requests.Make(FuseOpcode.FUSE_FORGET, 1, new byte[8]), Requests.Make(FuseOpcode.FUSE_DESTROY, 0)]);
        foreach ((ushort number, IProcFile file) in _views.Served)
        {
            foreach (ulong container in (ulong[])[0, 1])
            {
                ulong node = NodeId.Of(container, number);
                yield return Requests.Format(
                [
                    init, Lookup(1, container == 0 ? "common" : "c"), Lookup(NodeId.Containers, "1"), Lookup(NodeId.Of(container, NodeId.Proc), Path.GetFileName(file.Path)),
                    Requests.Make(FuseOpcode.FUSE_GETATTR, node, Requests.Body(default(FuseGetattrIn))), Requests.Make(FuseOpcode.FUSE_OPEN, node, Requests.Body(default(FuseOpenIn)), 7),
                    Read(node, 0, 65536), Read(node, 100, 100), Read(node, 1 << 20, 4096), Requests.Make(FuseOpcode.FUSE_READ, node, Requests.Body(new FuseReadIn { Size = 4096 })),
                    Requests.Make(FuseOpcode.FUSE_RELEASE, node, Requests.Body(new FuseReleaseIn { Fh = Requests.Handle(0) })),
                ]);
            }
        }

        foreach (ushort directory in (ushort[])[NodeId.Root, NodeId.ContainerRoot, NodeId.Containers, NodeId.Proc, NodeId.ProcPressure, NodeId.SysDevicesSystemCpu])
        {
            yield return Requests.Format([Requests.Make(FuseOpcode.FUSE_OPENDIR, directory, Requests.Body(default(FuseOpenIn))), List(directory, 0, 4096), List(directory, 2, 100), List(directory, 1 << 20, 4096)]);
        }

        ulong cpu = NodeId.Of(0, CpuFiles.CpuDirectory, 1);
        yield return Requests.Format([Lookup(NodeId.SysDevicesSystemCpu, "cpu1"), List(cpu, 0, 4096), Lookup(cpu, "topology"), Lookup(cpu, "online"), Lookup(NodeId.Of(0, 257, 1), "core_id"),
            Requests.Make(FuseOpcode.FUSE_OPEN, NodeId.Of(0, 512, 1), Requests.Body(default(FuseOpenIn))), Read(NodeId.Of(0, 512, 1), 0, 4096)]);
        ulong pressure = _views.Served.First(entry => entry.File.Path == "proc/pressure/cpu").Number;
        yield return Requests.Format([Requests.Make(FuseOpcode.FUSE_OPEN, pressure, Requests.Body(new FuseOpenIn { Flags = 2 })), Write(pressure, "some 150000 2000000\0"),
            Requests.Make(FuseOpcode.FUSE_POLL, pressure, Requests.Body(new FusePollIn { Fh = Requests.Handle(0), Kh = 5, Flags = 1 })),
            Requests.Make(FuseOpcode.FUSE_SETATTR, pressure, Requests.Body(new FuseSetattrIn { Valid = FuseSetattrIn.SetsSize })),
            Requests.Make(FuseOpcode.FUSE_RELEASE, pressure, Requests.Body(new FuseReleaseIn { Fh = Requests.Handle(0) }))]);
    }

    public void Try(ReadOnlySpan<byte> input)
    {
        _clock.NowNs += TestClock.Second;
        using SnapshotTable snapshots = SnapshotTable.CreatePrivate(16);
        SessionParameters session = new();
        PageCache pages = new(() => session.DropsPagesByVersion, _ => { });
        ProcFileSystem files = new(_tree, workers: 1, snapshots, _ => _source, pages, _triggers);
        Dispatcher dispatcher = new(files, session, _log);
        List<(ulong Node, ulong Handle)> open = [];
        try
        {
            foreach (byte[] request in Requests.Parse(input).Take(MostRequests))
            {
                PutHandles(request, open);
                long before = GC.GetAllocatedBytesForCurrentThread();
                int length = dispatcher.Dispatch(request, _reply, 0);
                dispatcher.DoMore(0);
                FuzzDefect.Unless(GC.GetAllocatedBytesForCurrentThread() - before < MostAllocatedByOne, "a request does not make it allocate much");
                _log.ThrowIfFault();
                FuseReplies.Check(request, _reply.AsSpan(0, length));
                NoteHandle(request, length, open);
            }
        }
        finally
        {
            // Triggers outlive the tables of one input.
            foreach ((ulong node, ulong handle) in open)
            {
                _ = dispatcher.Dispatch(Requests.Make(FuseOpcode.FUSE_RELEASE, node, Requests.Body(new FuseReleaseIn { Fh = handle })), _reply, 0);
            }
        }
    }

    public void Dispose()
    {
        _views.Dispose();
        _host.Dispose();
    }

    private static byte[] Lookup(ulong node, string name) => Requests.Make(FuseOpcode.FUSE_LOOKUP, node, Encoding.ASCII.GetBytes(name + "\0"));

    private static byte[] Read(ulong node, ulong offset, uint size)
        => Requests.Make(FuseOpcode.FUSE_READ, node, Requests.Body(new FuseReadIn { Fh = Requests.Handle(0), Offset = offset, Size = size, ReadFlags = FuseReadIn.ReadLockOwner }), 11);

    private static byte[] List(ulong node, ulong offset, uint size) => Requests.Make(FuseOpcode.FUSE_READDIR, node, Requests.Body(new FuseReadIn { Offset = offset, Size = size }));

    private static byte[] Write(ulong node, string text)
        => Requests.Make(FuseOpcode.FUSE_WRITE, node, [.. Requests.Body(new FuseWriteIn { Fh = Requests.Handle(0), Size = (uint)text.Length }), .. Encoding.ASCII.GetBytes(text)], 13);

    private static void PutHandles(byte[] request, List<(ulong Node, ulong Handle)> open)
    {
        for (int at = FuseInHeader.Size; at + 8 <= request.Length; at += 8)
        {
            ulong value = BinaryPrimitives.ReadUInt64LittleEndian(request.AsSpan(at));
            if (value >> 32 == Requests.HandleMark && open.Count > 0)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(request.AsSpan(at), open[(int)((uint)value % (uint)open.Count)].Handle);
            }
        }
    }

    private void NoteHandle(byte[] request, int length, List<(ulong Node, ulong Handle)> open)
    {
        if (length <= FuseOutHeader.Size || !MemoryMarshal.TryRead(request, out FuseInHeader header))
        {
            return;
        }

        switch (header.Opcode)
        {
            case FuseOpcode.FUSE_OPEN:
                open.Add((header.NodeId, MemoryMarshal.Read<FuseOpenOut>(_reply.AsSpan(FuseOutHeader.Size)).Fh));
                break;
            case FuseOpcode.FUSE_WRITE:
                // With a handle that nobody gave it, perhaps.
                open.Add((header.NodeId, MemoryMarshal.Read<FuseWriteIn>(request.AsSpan(FuseInHeader.Size)).Fh));
                break;
        }
    }

    /// <summary>Keeps the exception that the dispatcher answered with EIO.</summary>
    private sealed class FaultLogger : ILogger
    {
        private Exception? _fault;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _fault ??= exception;

        public void ThrowIfFault()
        {
            if (Interlocked.Exchange(ref _fault, null) is { } fault)
            {
                throw new FuzzDefect("no exception comes out of the served tree", FuzzDefect.SignatureOf(fault) + "\n" + fault);
            }
        }
    }
}
