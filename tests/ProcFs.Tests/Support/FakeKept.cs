using System.Collections.Concurrent;
using System.Diagnostics;
using ProcFs.Interop;
using ProcFs.Keeping;

namespace ProcFs.Tests.Support;

/// <summary>A kept connection whose journal is a file with the mount's path in it, and whose server is a number in this test.</summary>
internal sealed class FakeKept : IKeptConnection
{
    private FakeKept(int device, int journal, string mount)
    {
        Device = device;
        Journal = journal;
        Mount = mount;
        Inode = Descriptors.Inode(journal);
    }

    public string Mount { get; }

    public ulong Inode { get; }

    public int Device { get; }

    public int Journal { get; }

    public bool WasMounted { get; set; } = true;

    public bool HasEnded { get; set; }

    public long HeartbeatNs { get; set; }

    /// <summary>Null: nobody.</summary>
    public int? Server { get; set; }

    /// <summary>Requests that wait.</summary>
    public int Requests { get; set; }

    /// <summary>At each release as many as it answers, as the real one.</summary>
    public int MostAtOnce { get; set; } = int.MaxValue;

    public int Releases => ReleasedAt.Count;

    /// <summary>Time stamps of <see cref="Stopwatch"/>.</summary>
    public List<long> ReleasedAt { get; } = [];

    public bool IsDisposed { get; private set; }

    public bool IsServed(out int pid)
    {
        pid = Server ?? 0;
        return Server is not null;
    }

    public int Release()
    {
        if (Server is not null)
        {
            return -1;
        }

        ReleasedAt.Add(Stopwatch.GetTimestamp());
        int answered = Math.Min(Requests, MostAtOnce);
        Requests -= answered;
        return answered;
    }

    public void Dispose()
    {
        IsDisposed = true;
        Assert.Equal((0, 0), (Libc.Close(Device), Libc.Close(Journal)));
    }

    /// <summary>Makes them, and remembers them by mount: the last one counts.</summary>
    public sealed class Factory
    {
        public ConcurrentDictionary<string, FakeKept> Made { get; } = new();

        public FakeKept this[string mount] => Made[mount];

        /// <summary>What is made from now on.</summary>
        public bool AreMounted { get; set; } = true;

        public IKeptConnection? Open(int device, int journal, out string? defect)
        {
            string? mount = Descriptors.Text(journal);
            defect = mount is null || !mount.StartsWith('/') ? "not a journal" : null;
            return defect is null ? Made[mount!] = new FakeKept(device, journal, mount!) { WasMounted = AreMounted } : null;
        }
    }
}
