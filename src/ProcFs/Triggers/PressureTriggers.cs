using Microsoft.Extensions.Logging;
using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Fuse;
using ProcFs.Interop;

namespace ProcFs.Triggers;

/// <summary>
/// The triggers that programs in containers have set on pressure files (docs/fields/pressure.md#triggers): written to the container's cgroup, watched by
/// one thread, and kept for the next daemon. Asked by all workers at once. While a trigger is being set no lock is held.
/// </summary>
internal sealed partial class PressureTriggers
{
    /// <summary>The most that one container may have.</summary>
    public const int MostOfOne = 64;

    private const PollEvents Lost = PollEvents.Default | PollEvents.Error | PollEvents.Priority;

    /// <summary>All processes of the host are counted together, and containers without any cgroup of their own.</summary>
    private static readonly CgroupIdentity HostGroup = new(ulong.MaxValue, ulong.MaxValue);

    private readonly object _lock = new();
    private readonly Dictionary<ulong, Trigger> _byHandle = [];
    private readonly PressureSources _sources;
    private readonly TriggerFile? _file;
    private readonly TriggerWatch _watch;
    private readonly TriggerCloser _closer = new();
    private readonly Func<uint, bool> _isCapable;
    private readonly Action<ulong> _wake;
    private readonly ILogger _logger;
    private int _hasToldRights;

    /// <param name="sources">What they are written to.</param>
    /// <param name="file">Where they are kept; null: nowhere. Not disposed here.</param>
    /// <param name="isCapable">Whether a caller, by its thread id, has CAP_SYS_RESOURCE on the host.</param>
    /// <param name="wake">Has the kernel ask again what an open file is ready for, by its name in polls.</param>
    /// <param name="logger">Told what people should know.</param>
    public PressureTriggers(PressureSources sources, TriggerFile? file, Func<uint, bool> isCapable, Action<ulong> wake, ILogger logger)
    {
        _sources = sources;
        _file = file;
        _isCapable = isCapable;
        _wake = wake;
        _logger = logger;
        _watch = new TriggerWatch(Happened, exception => LogFault(exception));
    }

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _byHandle.Count;
            }
        }
    }

    /// <summary>How many were closed that the kernel still has: they count as their containers'.</summary>
    public int Closing => _closer.Count;

    /// <summary>Sets a trigger on an open file; the same WRITE again changes nothing, and is answered the same.</summary>
    /// <param name="context">The WRITE.</param>
    /// <param name="handle">The open file.</param>
    /// <param name="resource">What the file tells of.</param>
    /// <param name="view">Whose pressure it shows to the caller.</param>
    /// <param name="text">What was written.</param>
    public FuseErrno Write(in RequestContext context, ulong handle, PressureResource resource, CallerView view, ReadOnlySpan<byte> text)
    {
        if (FindResult(handle, context.UniqueId) is { } known)
        {
            return known;
        }

        if (!TriggerRequest.TryParse(text, out TriggerRequest request))
        {
            return FuseErrno.EINVAL;
        }

        bool isPrivileged = request.NeedsPrivilege;
        if (isPrivileged && !_isCapable(context.ThreadId))
        {
            return FuseErrno.EINVAL;
        }

        CgroupIdentity group = view.IsHostProcess ? HostGroup : view.Container.Cgroups.Identity ?? default;
        Trigger trigger = new(handle, context.NodeId, context.UniqueId, request, resource, group);
        FuseErrno error;
        while ((error = Reserve(trigger)) == FuseErrno.EBUSY)
        {
            // Somebody was quicker: another program, or another worker with this very request.
            if (FindResult(handle, context.UniqueId) is { } result)
            {
                return result;
            }
        }

        if (error != FuseErrno.None)
        {
            return error;
        }

        bool isDone = false;
        try
        {
            error = Set(trigger, view, isPrivileged);
            isDone = error == FuseErrno.None;
            return error;
        }
        finally
        {
            if (!isDone)
            {
                Close(handle);
            }
        }
    }

    /// <summary>What an open file is ready for. An event is told once; to a POLL that is executed once more it is told again.</summary>
    /// <param name="context">The POLL.</param>
    /// <param name="handle">The open file.</param>
    /// <param name="pollHandle">The kernel's name for it, to wake those who wait.</param>
    public PollEvents Poll(in RequestContext context, ulong handle, ulong pollHandle)
    {
        lock (_lock)
        {
            if (!_byHandle.TryGetValue(handle, out Trigger? trigger) || !trigger.IsSet)
            {
                return Lost;
            }

            if (trigger.PollHandle != pollHandle)
            {
                trigger.PollHandle = pollHandle;
                Keep(trigger);
            }

            if (trigger.IsDead)
            {
                return Lost;
            }

            if (trigger.IsPending)
            {
                trigger.ConsumedBy = context.UniqueId;
                trigger.IsPending = false;
                Keep(trigger);
                return PollEvents.Default | PollEvents.Priority;
            }

            return trigger.ConsumedBy == context.UniqueId ? PollEvents.Default | PollEvents.Priority : PollEvents.Default;
        }
    }

    /// <summary>The open file is closed; nothing happens with one that has no trigger.</summary>
    public void Close(ulong handle)
    {
        FileDescriptor? file;
        Trigger? trigger;
        lock (_lock)
        {
            if (!_byHandle.Remove(handle, out trigger))
            {
                return;
            }

            file = trigger.File;
            trigger.File = null;
            if (trigger.Page >= 0)
            {
                _file!.Remove(trigger.Page);
            }

            Monitor.PulseAll(_lock);
        }

        Close(file, trigger.Group);
    }

    /// <summary>Takes back what this execution of a WRITE has set, if nobody wanted its answer.</summary>
    public void Withdraw(in RequestContext context, ulong handle)
    {
        bool isOurs;
        lock (_lock)
        {
            isOurs = _byHandle.TryGetValue(handle, out Trigger? trigger) && trigger.WrittenBy == context.UniqueId && !trigger.IsAdopted;
        }

        if (isOurs)
        {
            Close(handle);
        }
    }

    /// <summary>What the WRITE to an open file that has a trigger is answered; null: it has none.</summary>
    private FuseErrno? FindResult(ulong handle, ulong request)
    {
        lock (_lock)
        {
            while (_byHandle.TryGetValue(handle, out Trigger? trigger))
            {
                if (trigger.IsSet || trigger.WrittenBy != request)
                {
                    return trigger.WrittenBy == request ? FuseErrno.None : FuseErrno.EBUSY;
                }

                Monitor.Wait(_lock); // another worker has the same request in hand
            }

            return null;
        }
    }

    private FuseErrno Reserve(Trigger trigger)
    {
        lock (_lock)
        {
            int ofOne = _byHandle.Values.Count(other => other.Group == trigger.Group) + _closer.CountOf(trigger.Group);
            if (_byHandle.Count + _closer.Count >= TriggerFile.MostRecords || ofOne >= MostOfOne)
            {
                return FuseErrno.ENOSPC;
            }

            return _byHandle.TryAdd(trigger.Handle, trigger) ? FuseErrno.None : FuseErrno.EBUSY;
        }
    }

    private FuseErrno Set(Trigger trigger, CallerView view, bool isPrivileged)
    {
        FileDescriptor? file = _sources.Open(view, trigger.Resource, out TriggerPlace place, out Errno error);
        error = file is null ? error : WriteTo(file, trigger.Request);
        if (error != Errno.None)
        {
            file?.Dispose();
            if (error == Errno.EPERM || (error == Errno.EINVAL && isPrivileged))
            {
                TellRights();
            }

            return ErrorOf(error);
        }

        long? total = file is null ? null : TotalOf(file, trigger.Request);
        lock (_lock)
        {
            // Written down before anybody is told.
            trigger.Page = _file?.Add(RecordOf(trigger, place, total), place.Path) ?? -1;
            trigger.File = file;
            trigger.IsSet = true;
            Monitor.PulseAll(_lock);
        }

        return file is null ? FuseErrno.None : ErrorOf(_watch.Add(file, trigger.Handle));
    }

    /// <summary>On the watching thread. The event is written down before anybody is woken to ask for it.</summary>
    internal void Happened(ulong handle, bool isOver)
    {
        Trigger? trigger;
        FileDescriptor? file;
        bool isHeld = false;
        ulong pollHandle;
        lock (_lock)
        {
            if (!_byHandle.TryGetValue(handle, out trigger) || trigger.File is null)
            {
                return;
            }

            file = trigger.File;
            trigger.IsPending = true;
            Keep(trigger);
            if (isOver)
            {
                trigger.IsDead = true;
                trigger.File = null;
            }
            else
            {
                file.DangerousAddRef(ref isHeld);
            }

            pollHandle = trigger.PollHandle;
        }

        if (pollHandle != 0)
        {
            _wake(pollHandle);
        }

        if (isHeld)
        {
            KeepTotal(trigger, file);
            file.DangerousRelease();
        }
        else
        {
            Close(file, trigger.Group);
        }
    }

    private void Close(FileDescriptor? file, CgroupIdentity group)
    {
        if (file is not null)
        {
            _watch.Remove(file);
            _closer.Close(file, group);
        }
    }

    private static Errno WriteTo(FileDescriptor file, in TriggerRequest request) => Libc.ErrorOf(Libc.Write(file.Number, request.Format()));

    private static long? TotalOf(FileDescriptor file, in TriggerRequest request)
    {
        Span<byte> text = stackalloc byte[512];
        nint length = Libc.Pread(file.Number, text, 0);
        return length > 0 ? PressureText.TotalOf(text[..(int)length], request.IsFull) : null;
    }

    private static FuseErrno ErrorOf(Errno error) => error switch
    {
        Errno.None => FuseErrno.None,
        Errno.EINVAL or Errno.EPERM or Errno.EACCES or Errno.EBUSY or Errno.ENOMEM or Errno.ENODEV or Errno.EOPNOTSUPP or Errno.ENFILE => (FuseErrno)error,
        Errno.EMFILE or Errno.ENOSPC => FuseErrno.ENOSPC,
        _ => FuseErrno.EIO,
    };

    private void TellRights()
    {
        if (Interlocked.Exchange(ref _hasToldRights, 1) == 0)
        {
            LogRights();
        }
    }
}
