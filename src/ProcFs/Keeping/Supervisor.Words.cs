using ProcFs.Handover;
using ProcFs.Interop;

namespace ProcFs.Keeping;

// What the server says, and what it has stored.
internal sealed partial class Supervisor
{
    /// <summary>At a time; whoever says more waits for the next turn.</summary>
    private const int MostWords = 256;

    // One of the two, as long as the other has not come.
    private int _device = -1;
    private int _journal = -1;

    /// <summary>
    /// The journal that was given to the server or stored by it, the inode: that is what it means when it has its descriptors forgotten.
    /// What it has registered as a keeper's since comes another way, and may come first.
    /// </summary>
    private ulong _stored;

    private void Hear()
    {
        for (int i = 0; i < MostWords && _notify.TryReceive(_server?.Pid ?? 0, out NotifyMessage message, out int descriptor); i++)
        {
            if ((message.Words & NotifyWords.Store) != 0)
            {
                Store(message.DescriptorName, descriptor);
            }
            else if (descriptor >= 0)
            {
                _ = Libc.Close(descriptor); // a barrier's: all that came before is done
            }

            if ((message.Words & NotifyWords.Forget) != 0 && message.DescriptorName is DescriptorNames.Device or DescriptorNames.Journal)
            {
                // One is of no use without the other.
                ForgetHalf();
                _mounts.Forsake(_options.Mount, _stored);
            }

            if (_server is { } server && (message.Words & (NotifyWords.Ready | NotifyWords.Watchdog)) != 0)
            {
                server.AliveNs = NowNs;
                if ((message.Words & NotifyWords.Ready) != 0)
                {
                    Ready(server);
                }
            }
        }
    }

    private void Ready(SupervisedServer server)
    {
        server.IsReady = true;
        foreach (int signal in _held)
        {
            _ = Libc.Kill(server.Pid, signal);
        }

        _held.Clear();
        if (!_wasEverReady)
        {
            _wasEverReady = true;
            _manager.Ready();
        }
    }

    private void Store(string name, int descriptor)
    {
        switch (name)
        {
            case DescriptorNames.Device when descriptor >= 0:
                Replace(ref _device, descriptor);
                break;
            case DescriptorNames.Journal when descriptor >= 0:
                Replace(ref _journal, descriptor);
                break;
            default:
                Replace(ref descriptor, -1);
                LogNotStored(name);
                return;
        }

        if (_device >= 0 && _journal >= 0)
        {
            (int device, int journal) = (_device, _journal);
            (_device, _journal) = (-1, -1);
            string? failure = _mounts.Keep(_options.Mount, device, journal);
            _stored = failure is null ? _mounts.JournalOf(_options.Mount) : 0;
            if (failure is not null)
            {
                LogNotKept(failure);
            }
        }
    }

    private void ForgetHalf()
    {
        Replace(ref _device, -1);
        Replace(ref _journal, -1);
    }

    private static void Replace(ref int descriptor, int by)
    {
        if (descriptor >= 0)
        {
            _ = Libc.Close(descriptor);
        }

        descriptor = by;
    }
}
