using ProcFs.Interop;

namespace ProcFs.Cgroups;

/// <summary>Lists the processes of a cgroup and of all cgroups below it, without allocation.</summary>
internal ref struct ProcessList
{
    /// <summary>Every level holds a descriptor and a buffer on the stack while it is walked. Real trees are a few levels deep.</summary>
    private const int MaxDepth = 128;

    /// <summary>A container that may make cgroups could make any number; looking into each costs some 25 µs.</summary>
    private const int MaxDirectories = 512;

    private const int BufferBytes = 2048;

    private static ReadOnlySpan<byte> ProcessesFile => "cgroup.procs\0"u8;

    private readonly DescriptorPool _pool;
    private readonly Span<int> _into;
    private int _count;
    private int _directories;
    private bool _truncated;

    private ProcessList(DescriptorPool pool, Span<int> into)
    {
        _pool = pool;
        _into = into;
    }

    /// <summary>Ascending, each process once; returns how many. A cgroup that vanishes meanwhile has none.</summary>
    public static int Read(CgroupDirectory directory, Span<int> into, out bool truncated)
    {
        ProcessList list = new(directory.Pool, into);
        if (!directory.Vanished)
        {
            using PooledDescriptor.Lease lease = directory.Use(out _);
            if (lease.IsValid)
            {
                list.Visit(lease.Number, ".\0"u8, MaxDepth);
            }
        }

        truncated = list._truncated;
        return SortedDistinct(into[..list._count]);
    }

    private void Visit(int parent, scoped ReadOnlySpan<byte> nameWithNul, int depth)
    {
        if (depth == 0 || _truncated || ++_directories > MaxDirectories)
        {
            _truncated = true;
            return;
        }

        int directory = _pool.OpenAt(parent, nameWithNul, Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_NOFOLLOW);
        if (directory < 0)
        {
            return;
        }

        try
        {
            Span<byte> buffer = stackalloc byte[BufferBytes];
            ReadProcesses(directory, buffer);
            DirectoryEntries entries = new(directory, buffer);
            while (!_truncated && entries.TryReadNext(out ReadOnlySpan<byte> child, out byte type))
            {
                if (type is Libc.DT_DIR or Libc.DT_UNKNOWN)
                {
                    Visit(directory, child, depth - 1);
                }
            }
        }
        finally
        {
            Libc.Close(directory);
        }
    }

    // One id per line. Each read may end in the middle of a number; a threaded v2 cgroup refuses with EOPNOTSUPP, its processes are
    // listed by the domain above it.
    private void ReadProcesses(int directory, scoped Span<byte> buffer)
    {
        int file = _pool.OpenAt(directory, ProcessesFile, Libc.O_RDONLY);
        if (file < 0)
        {
            return;
        }

        try
        {
            long number = 0;
            while (Libc.Read(file, buffer) is var length and > 0)
            {
                foreach (byte character in buffer[..(int)length])
                {
                    if (character is >= (byte)'0' and <= (byte)'9')
                    {
                        number = Math.Min((number * 10) + (character - '0'), int.MaxValue + 1L);
                        continue;
                    }

                    Add(number);
                    number = 0;
                }
            }

            Add(number);
        }
        finally
        {
            Libc.Close(file);
        }
    }

    // 0 is a process that our pid namespace does not see.
    private void Add(long number)
    {
        if (number is <= 0 or > int.MaxValue || _truncated)
        {
            return;
        }

        if (_count == _into.Length)
        {
            _truncated = true;
            return;
        }

        _into[_count++] = (int)number;
    }

    // On v1 the threads of one process can be in several cgroups, and each of them lists it.
    private static int SortedDistinct(Span<int> processes)
    {
        processes.Sort();
        int count = 0;
        foreach (int process in processes)
        {
            if (count == 0 || processes[count - 1] != process)
            {
                processes[count++] = process;
            }
        }

        return count;
    }
}
