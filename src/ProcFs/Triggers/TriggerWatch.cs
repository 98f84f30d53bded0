using ProcFs.Interop;

namespace ProcFs.Triggers;

/// <summary>
/// Waits for what the kernel has to say of triggers: one thread, which is begun with the first of them, and sleeps until something
/// happens.
/// </summary>
/// <param name="happened">Called on that thread with the trigger's handle, and whether its cgroup has ended.</param>
/// <param name="failed">Told of a defect of this program; the thread goes on.</param>
internal sealed class TriggerWatch(Action<ulong, bool> happened, Action<Exception> failed)
{
    private readonly Lock _lock = new();
    private int _epoll = -1;

    /// <summary>Waits for a trigger's events until its file is closed, or it is removed.</summary>
    public Errno Add(FileDescriptor file, ulong handle)
    {
        lock (_lock)
        {
            if (_epoll < 0)
            {
                int created = Libc.EpollCreate();
                if (created < 0)
                {
                    return Libc.ErrorOf(created);
                }

                _epoll = created;
                new Thread(Run) { Name = "triggers", IsBackground = true }.Start();
            }
        }

        return Libc.ErrorOf(Libc.EpollAdd(_epoll, file.Number, Libc.EPOLLPRI, handle));
    }

    /// <summary>To be called before it is closed; more than once does no harm.</summary>
    public void Remove(FileDescriptor file) => _ = Libc.EpollRemove(_epoll, file.Number);

    private void Run()
    {
        while (Libc.EpollWait(_epoll, out uint events, out ulong handle) > 0)
        {
            try
            {
                happened(handle, (events & Libc.EPOLLERR) != 0);
            }
            catch (Exception exception) // one event's fault is not the end of the others
            {
                failed(exception);
            }
        }
    }
}
