using System.Globalization;
using System.Text;
using ProcFs.Interop;

namespace ProcFs.Handover;

/// <summary>A socket in the run directory that only root may talk to.</summary>
internal static class LocalSocket
{
    private const uint OwnerReadWrite = 0x180; // 0600
    private const int Backlog = 16;

    /// <summary>
    /// Its address. sun_path holds 107 bytes, a run directory may be longer: then it is reached by way of the opened directory, which has
    /// to stay open meanwhile.
    /// </summary>
    public static byte[] Address(string runDirectory, FileDescriptor directory, string name)
    {
        byte[] plain = Encoding.UTF8.GetBytes($"{runDirectory}/{name}\0");
        return plain.Length <= Libc.SocketNameSize
            ? plain
            : Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{directory.Number}/{name}\0"));
    }

    /// <summary>
    /// Listens, non-blocking, for messages (SOCK_SEQPACKET). A socket that is there already is replaced: only who holds the lock for the
    /// name may come here.
    /// </summary>
    /// <exception cref="Failure">The kernel refused.</exception>
    public static FileDescriptor Listen(string runDirectory, FileDescriptor directory, string name)
    {
        FileDescriptor listener = new(Libc.LocalSocket(Libc.SOCK_SEQPACKET | Libc.SOCK_NONBLOCK));
        Remove(directory, name);
        int result = Libc.ChangeMode(listener.Number, OwnerReadWrite);
        result = result < 0 ? result : Libc.Bind(listener.Number, Address(runDirectory, directory, name));
        result = result < 0 ? result : Libc.Listen(listener.Number, Backlog);
        if (result < 0)
        {
            listener.Dispose();
            throw new Failure(ExitCode.Failed, $"cannot listen on {runDirectory}/{name}: {Libc.Describe(Libc.ErrorOf(result))}; choose another run directory with --run-dir");
        }

        return listener;
    }

    public static void Remove(FileDescriptor directory, string name) => _ = Libc.UnlinkAt(directory.Number, Libc.PathBytes(name));

    /// <summary>Whether the other end may talk to us: root, or whoever we are, which is root outside of tests.</summary>
    public static bool IsTrusted(int socket, out int pid)
    {
        bool isKnown = Libc.PeerCredentials(socket, out Libc.Credentials peer) >= 0;
        pid = isKnown ? peer.Pid : 0;
        return isKnown && (peer.Uid == 0 || peer.Uid == (uint)Libc.EffectiveUserId());
    }
}
