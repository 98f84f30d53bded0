using Microsoft.Extensions.Logging;
using ProcFs.Fuse;
using ProcFs.Interop;

namespace ProcFs.Serving;

/// <summary>
/// Notices that somebody took one of the two mounts off its place, or mounted something over it: containers that hold its files do not see
/// that, and new ones do not find any.
/// </summary>
internal sealed partial class MountWatch(ServedMounts mounts, Journal journal, ILogger logger) : IDisposable
{
    // proc(5): poll(2) says POLLPRI when the mounts have changed since it was last asked.
    private readonly FileDescriptor? _mountInfo = FileDescriptor.Open(mounts.MountInfo, Libc.O_RDONLY, out _);
    private bool _isTold;
    private bool _isPrivateTold;

    /// <summary>Costs one system call while no mount of the host changes.</summary>
    public void Look()
    {
        if (_mountInfo is null || journal.Connection == 0)
        {
            return;
        }

        Libc.PollFd look = new() { Fd = _mountInfo.Number, Events = Libc.POLLPRI };
        if (Libc.Poll(new Span<Libc.PollFd>(ref look), 0) <= 0)
        {
            return;
        }

        Look(mounts.Public, ref _isTold);
        Look(mounts.Private, ref _isPrivateTold);
    }

    public void Dispose() => _mountInfo?.Dispose();

    private void Look(string mount, ref bool isTold)
    {
        MountPointState state = mounts.Look(mount);
        bool isThere = state.Kind == MountPointKind.OwnMount && state.DeviceMinor == journal.Connection;
        if (!isThere && !isTold)
        {
            if (state.Kind is MountPointKind.ForeignMount or MountPointKind.OwnMount)
            {
                LogCovered(logger, mount, state.Type ?? "mount");
            }
            else
            {
                LogTakenOff(logger, mount);
            }
        }

        isTold = !isThere;
    }

    [LoggerMessage(1151, LogLevel.Warning, "{Mount} was unmounted by somebody: containers that hold its files are served, new ones will not find them. Restart this daemon and it is mounted again")]
    private static partial void LogTakenOff(ILogger logger, string mount);

    [LoggerMessage(1152, LogLevel.Warning, "{Mount} is covered: somebody mounted a {Type} over it. Containers that hold our files are served, new ones will get the other's; unmount that one")]
    private static partial void LogCovered(ILogger logger, string mount, string type);
}
