using ProcFs.Cgroups;
using ProcFs.Interop;

namespace ProcFs.Triggers;

// What the next daemon needs to know, and what it does with it.
internal sealed unsafe partial class PressureTriggers
{
    /// <summary>
    /// Sets again what an earlier daemon had set, before anything is answered. What was lost meanwhile cannot be asked for as the kernel counts it, in
    /// windows: if the time lost since the last event, or since it was set, has reached the threshold, that is told as an event. So one may
    /// be told that was none, and none is lost. One that cannot be set again is over.
    /// </summary>
    /// <returns>How many there are.</returns>
    public int Adopt()
    {
        int lost = 0;
        for (int page = 0; page < (_file?.Count ?? 0); page++)
        {
            if (_file!.TryRead(page, out TriggerRecord record, out TriggerPlace place) && !TryAdopt(page, record, place, ref lost))
            {
                _file.Remove(page);
            }
        }

        if (lost > 0)
        {
            LogLost(lost);
        }

        return _byHandle.Count;
    }

    private static TriggerRecord RecordOf(Trigger trigger, in TriggerPlace place, long? total) => new()
    {
        Handle = trigger.Handle,
        NodeId = trigger.NodeId,
        WrittenBy = trigger.WrittenBy,
        GroupDevice = trigger.Group.Device,
        GroupInode = trigger.Group.Inode,
        CgroupDevice = place.Cgroup.Device,
        CgroupInode = place.Cgroup.Inode,
        TotalUs = total ?? -1,
        ThresholdUs = trigger.Request.ThresholdUs,
        WindowUs = trigger.Request.WindowUs,
        IsFull = trigger.Request.IsFull ? (byte)1 : (byte)0,
        Resource = (byte)trigger.Resource,
        Place = (byte)place.Kind,
    };

    /// <summary>False: nobody can have written that.</summary>
    private bool TryAdopt(int page, in TriggerRecord record, in TriggerPlace place, ref int lost)
    {
        Trigger trigger = new(record.Handle, record.NodeId, record.WrittenBy, new TriggerRequest(record.IsFull == 1, record.ThresholdUs, record.WindowUs),
            (PressureResource)record.Resource, new CgroupIdentity(record.GroupDevice, record.GroupInode))
        {
            IsAdopted = true,
            IsPending = record.IsPending == 1,
            ConsumedBy = record.ConsumedBy,
            PollHandle = record.PollHandle,
            Page = page,
        };
        if (Reserve(trigger) != Fuse.FuseErrno.None)
        {
            return false;
        }

        FileDescriptor? file = _sources.Open(place, trigger.Resource, out Errno error);
        error = file is null ? error : WriteTo(file, trigger.Request);
        trigger.File = error == Errno.None ? file : null;
        if (trigger.File is not null)
        {
            // After it was set: what comes now is an event.
            long? total = TotalOf(trigger.File, trigger.Request);
            trigger.IsPending |= record.TotalUs < 0 || total - record.TotalUs >= record.ThresholdUs;
            Keep(trigger);
            _file!.Record(page)->TotalUs = total ?? -1;
            error = _watch.Add(trigger.File, trigger.Handle); // it may have something already
        }

        ulong wake;
        lock (_lock)
        {
            trigger.IsSet = true;
            if (error != Errno.None)
            {
                lost++;
                trigger.IsDead = true;
                trigger.IsPending = true;
                trigger.File = null;
                Keep(trigger);
            }

            wake = trigger.IsPending ? trigger.PollHandle : 0;
        }

        if (error != Errno.None)
        {
            file?.Dispose();
        }

        if (wake != 0)
        {
            _wake(wake);
        }

        return true;
    }

    /// <summary>What changes, in an order in which a kill can at most have an event told twice. With the lock held.</summary>
    private void Keep(Trigger trigger)
    {
        if (trigger.Page >= 0)
        {
            TriggerRecord* record = _file!.Record(trigger.Page);
            Volatile.Write(ref record->PollHandle, trigger.PollHandle);
            Volatile.Write(ref record->ConsumedBy, trigger.ConsumedBy);
            Volatile.Write(ref record->IsPending, trigger.IsPending ? (byte)1 : (byte)0);
        }
    }

    /// <summary>The time lost at an event, once that is written down.</summary>
    private void KeepTotal(Trigger trigger, FileDescriptor file)
    {
        if (TotalOf(file, trigger.Request) is { } total)
        {
            lock (_lock)
            {
                if (ReferenceEquals(trigger.File, file) && trigger.Page >= 0)
                {
                    Volatile.Write(ref _file!.Record(trigger.Page)->TotalUs, total);
                }
            }
        }
    }
}
