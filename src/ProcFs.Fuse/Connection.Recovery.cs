using System.Runtime.InteropServices;
using ProcFs.Fuse.Wire;
using ProcFs.Interop;

namespace ProcFs.Fuse;

// Taking over from a server that is gone. All on the calling thread, which is worker 0 to the filesystem.
public sealed unsafe partial class Connection
{
    /// <summary>
    /// How often a request is tried by servers that end in it, before it counts as what ends them. Servers that are killed from outside at
    /// their very start, one after the other, may be handling the same request each time: with less, a healthy reader gets an error now and then.
    /// </summary>
    internal const ulong MaxRecoveries = 5;

    /// <summary>What one call drains at most: readers that ask again at once would keep it from ever returning.</summary>
    private const int MaxDrained = 256;

    /// <summary>
    /// Answers the requests that an earlier server read and may not have answered. They are reads of synthetic data: handling one twice
    /// does no harm, and the kernel ignores the second answer. To be called before <see cref="Start"/> and before <see cref="Resend"/>
    /// (which gives requests new ids), under the journal's lock.
    /// </summary>
    /// <returns>How many answers the kernel was still waiting for; 0 without a journal.</returns>
    public int Recover()
    {
        ThrowIfStarted();
        if (_slots.Journal is not { } journal)
        {
            return 0;
        }

        _slots.Prepare(1);
        int answered = 0;
        byte[] copy = new byte[RequestSlots.RequestSize]; // what is checked is what is handled
        for (int slot = 0; slot < _slots.Count; slot++)
        {
            if (_slots.UniqueIn(slot) == 0)
            {
                continue;
            }

            new ReadOnlySpan<byte>(_slots.Request(slot), RequestSlots.RequestSize).CopyTo(copy);
            FuseInHeader header = MemoryMarshal.Read<FuseInHeader>(copy);
            ref PoisonRecord record = ref journal.PoisonOf(slot);
            bool isPoison = IsPoison(in record, header.Unique);
            bool isUsable = header.Len is >= FuseInHeader.Size and <= RequestSlots.RequestSize;
            ConnectionEnd? end = isPoison || !isUsable
                ? Refuse(in header, out bool isAccepted)
                : Try(copy.AsSpan(0, (int)header.Len), in header, ref record, out isAccepted);
            if (end is not null)
            {
                break; // nobody waits any more; the workers will say why
            }

            if (isAccepted)
            {
                answered++;
                journal.CountAnswered();
            }

            _slots.Clear(slot);
            if (isPoison)
            {
                if (isAccepted) // else it had been answered, and harmed nobody
                {
                    journal.CountPoisoned();
                    LogPoisoned(_logger, OperationTable.Find(header.Opcode).Name, (uint)header.Opcode, header.NodeId, MaxRecoveries + 1);
                }
            }
            else if (!isUsable)
            {
                LogSlotUnusable(_logger, slot, header.Len);
            }
        }

        return answered;
    }

    /// <summary>
    /// Has the kernel send everything again that was read and not answered. Once by a successor after <see cref="Recover"/>; and by a
    /// running server that finds a request lost. Requests that a worker has in hand come twice then, which does no harm.
    /// </summary>
    /// <returns>False when the kernel does not know how (before Linux 6.9; <see cref="SessionParameters.HasResend"/>), or the connection is over.</returns>
    public bool Resend()
    {
        if (!_device.Resend())
        {
            return false;
        }

        _slots.Journal?.CountResend();
        return true;
    }

    /// <summary>
    /// Answers what is queued, without waiting for more, and leaves the device waiting as before. For whoever keeps a session that nobody
    /// serves; never together with workers, here or in another process: under the journal's lock. At most some hundred requests a call.
    /// </summary>
    /// <returns>How many requests were read.</returns>
    public int Drain()
    {
        ThrowIfStarted();
        _slots.Prepare(1);
        _device.SetBlocking(false);
        try
        {
            int device = _device.Number;
            byte* request = _slots.Request(0);
            int drained = 0;
            while (drained < MaxDrained)
            {
                _slots.Clear(0);
                nint received = Libc.Read(device, request, RequestSlots.RequestSize);
                if (Libc.ErrorOf(received) == Errno.ENOENT) // withdrawn while it was copied
                {
                    continue;
                }

                if (received <= 0)
                {
                    break; // EAGAIN: nothing left; anything else is the end, which a later start explains
                }

                drained++;
                if (Answer(device, new ReadOnlySpan<byte>(request, (int)received), 0, out _) is not null)
                {
                    break;
                }
            }

            _slots.Clear(0);
            return drained;
        }
        finally
        {
            _device.SetBlocking(true);
        }
    }

    /// <summary>
    /// Handles a request of a slot and writes its reply. It is counted for as long as it is being handled: it may be what ends this server,
    /// too, while one that was handled is harmless, whatever ends the server next.
    /// </summary>
    private ConnectionEnd? Try(ReadOnlySpan<byte> request, in FuseInHeader header, ref PoisonRecord record, out bool isAccepted)
    {
        record.Begin(RequestContext.IdOf(header.Unique));
        int length = Handle(request, 0, out _);
        record.End();
        isAccepted = false;
        if (length == 0)
        {
            return null;
        }

        byte* reply = _slots.Reply(0);
        ConnectionEnd? end = Send(_device.Number, reply, length, header.Opcode, request.Length, out isAccepted);
        if (!isAccepted)
        {
            _dispatcher.Withdraw(request, new ReadOnlySpan<byte>(reply, length), 0);
        }

        return end;
    }

    private static bool IsPoison(in PoisonRecord record, ulong unique)
        => record.Unique == RequestContext.IdOf(unique) && record.Tries >= MaxRecoveries;

    /// <summary>Answers EIO without looking at the request.</summary>
    private ConnectionEnd? Refuse(in FuseInHeader header, out bool isAccepted)
    {
        byte* reply = _slots.Reply(0);
        int length = new ReplyWriter(new Span<byte>(reply, RequestSlots.ReplySize)).Complete(header.Unique, -(int)FuseErrno.EIO);
        Count(0, header.Opcode, isError: true);
        return Send(_device.Number, reply, length, header.Opcode, RequestSlots.RequestSize, out isAccepted);
    }

    private void ThrowIfStarted()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        if (Volatile.Read(ref _started) != 0)
        {
            throw new InvalidOperationException(AlreadyStarted);
        }
    }
}
