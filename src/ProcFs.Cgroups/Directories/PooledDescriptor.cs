using ProcFs.Interop;

namespace ProcFs.Cgroups;

/// <summary>A descriptor that is opened on first use, kept by the pool, and opened again when the pool closed it.</summary>
internal abstract class PooledDescriptor
{
    private FileDescriptor? _kept;
    private long _lastUse;

    public long LastUse => Volatile.Read(ref _lastUse);

    public abstract DescriptorPool Pool { get; }

    /// <summary>The right to use the number until it is disposed; not valid (and nothing to dispose) when opening failed.</summary>
    public Lease Use(out Errno error)
    {
        error = Errno.None;
        while (true)
        {
            FileDescriptor? descriptor = Volatile.Read(ref _kept) ?? Reopen(out error);
            if (descriptor is null)
            {
                return default;
            }

            if (TryAddReference(descriptor))
            {
                Volatile.Write(ref _lastUse, Pool.Now());
                return new Lease(descriptor);
            }
        }
    }

    /// <summary>Lets go of the kept descriptor. Only the pool calls this: it must know.</summary>
    public void CloseKept() => Interlocked.Exchange(ref _kept, null)?.Dispose();

    /// <summary>Opens it; null and the error when that fails.</summary>
    protected abstract FileDescriptor? Open(out Errno error);

    private static bool TryAddReference(FileDescriptor descriptor)
    {
        try
        {
            bool added = false;
            descriptor.DangerousAddRef(ref added);
            return added;
        }
        catch (ObjectDisposedException)
        {
            // The pool closed it between our look and our reference.
            return false;
        }
    }

    private FileDescriptor? Reopen(out Errno error)
    {
        // No lock: opening may take long. Of two who open at once, one keeps what it has.
        FileDescriptor? opened = Open(out error);
        if (opened is null && error is Errno.EMFILE or Errno.ENFILE)
        {
            Pool.MakeRoom();
            opened = Open(out error);
        }

        if (opened is null)
        {
            return null;
        }

        Volatile.Write(ref _lastUse, Pool.Now());
        if (Interlocked.CompareExchange(ref _kept, opened, null) is { } already)
        {
            opened.Dispose();
            return already;
        }

        Pool.Add(this);
        return opened;
    }

    /// <summary>Keeps a descriptor's number valid while it lives.</summary>
    public readonly ref struct Lease(FileDescriptor? descriptor) : IDisposable
    {
        public bool IsValid => descriptor is not null;

        public int Number => descriptor!.Number;

        public void Dispose() => descriptor?.DangerousRelease();
    }
}
