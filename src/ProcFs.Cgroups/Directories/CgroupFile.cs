using ProcFs.Interop;

namespace ProcFs.Cgroups;

/// <summary>
/// One file of a cgroup. A file that is missing, empty or unreadable is "absent", never an error; that the cgroup itself has vanished
/// is noted in its directory.
/// </summary>
internal sealed class CgroupFile(CgroupDirectory directory, byte[] nameWithNul, CgroupFile? previous) : PooledDescriptor
{
    /// <summary>A missing file costs an open again only after this time; a controller may be enabled in a running container.</summary>
    private static readonly TimeSpan AbsenceLasts = TimeSpan.FromSeconds(1);

    private long _absentSince;
    private volatile bool _absent;
    private volatile bool _reported;

    public override DescriptorPool Pool => directory.Pool;

    /// <summary>The file of this directory that was made before: a list of all of them.</summary>
    public CgroupFile? Previous => previous;

    /// <summary>
    /// The whole text; false where it is absent, as an empty one is. It lies in this thread's buffer: valid until the thread reads the next file.
    /// </summary>
    public bool TryRead(out ReadOnlySpan<byte> text) => TryReadEvenEmpty(out text) && !NumberText.TrimBlanks(text).IsEmpty;

    /// <summary>The same for files whose empty text says something.</summary>
    public bool TryReadEvenEmpty(out ReadOnlySpan<byte> text)
    {
        text = default;
        if (directory.Vanished || IsKnownAbsent())
        {
            return false;
        }

        using Lease lease = Use(out Errno error);
        if (!lease.IsValid)
        {
            OpenFailed(error);
            return false;
        }

        // One read is the whole text at one moment: these files are made by seq_file as a single record, which is handed out completely
        // when it fits. When the buffer was too small everything is read again, because a second piece would be of a later moment.
        while (true)
        {
            byte[] buffer = Scratch.Buffer;
            nint length = Libc.Pread(lease.Number, buffer, 0);
            if (length < 0)
            {
                ReadFailed(Libc.ErrorOf(length));
                return false;
            }

            if (length < buffer.Length)
            {
                text = buffer.AsSpan(0, (int)length);
                return true;
            }

            if (!Scratch.TryGrow())
            {
                Report(0, $"longer than {Scratch.MaxBytes} bytes");
                return false;
            }
        }
    }

    /// <summary>A file of one number of zero or more.</summary>
    public bool TryReadNumber(out long value)
    {
        value = 0;
        if (!TryRead(out ReadOnlySpan<byte> text))
        {
            return false;
        }

        bool ok = NumberText.TryParseLine(text, out value);
        if (!ok)
        {
            Report(1, "not a number that fits 63 bits");
        }

        return ok;
    }

    /// <summary>Says once that the text makes no sense. <paramref name="line"/> counts from 1; 0: all of it.</summary>
    public void Report(int line, string cause)
    {
        if (!_reported)
        {
            _reported = true;
            directory.Report(nameWithNul, line, cause);
        }
    }

    protected override FileDescriptor? Open(out Errno error)
    {
        using Lease parent = directory.Use(out error);
        return parent.IsValid ? FileDescriptor.OpenAt(parent.Number, nameWithNul, Libc.O_RDONLY, out error) : null;
    }

    private bool IsKnownAbsent() => _absent && directory.Time.GetElapsedTime(Volatile.Read(ref _absentSince)) < AbsenceLasts;

    private void OpenFailed(Errno error)
    {
        if (error == Errno.ENODEV)
        {
            directory.MarkVanished();
            return;
        }

        // A missing file says the same as a missing directory; only the path can tell which it is.
        if (error is not (Errno.ENOENT or Errno.ENOTDIR) || directory.CheckStillThere())
        {
            SetAbsent();
        }

        if (error is not (Errno.ENOENT or Errno.ENOTDIR))
        {
            Report(0, Libc.Describe(error));
        }
    }

    private void ReadFailed(Errno error)
    {
        if (error == Errno.ENODEV)
        {
            directory.MarkVanished();
            return;
        }

        SetAbsent();
        if (error != Errno.EOPNOTSUPP)
        {
            Report(0, Libc.Describe(error));
        }
    }

    private void SetAbsent()
    {
        Volatile.Write(ref _absentSince, directory.Time.GetTimestamp());
        _absent = true;
    }
}
