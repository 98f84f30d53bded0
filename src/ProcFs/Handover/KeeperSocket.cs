using System.Globalization;
using System.Text;
using ProcFs.Interop;

namespace ProcFs.Handover;

/// <summary>
/// Where a keeper listens: <c>keeper.sock</c> in the run directory. A socket's address holds 107 bytes of path, a run directory may be
/// longer: so it is reached by way of the opened directory.
/// </summary>
internal static class KeeperSocket
{
    public const string Name = "keeper.sock";

    /// <summary>The address below an opened directory; valid as long as that is open.</summary>
    public static byte[] AddressIn(FileDescriptor directory)
        => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{directory.Number}/{Name}\0"));

    /// <summary>Whether the other end may talk to us: root, or whoever we are, which is root outside of tests.</summary>
    public static bool IsTrusted(int socket, out int pid)
    {
        bool isKnown = Libc.PeerCredentials(socket, out Libc.Credentials peer) >= 0;
        pid = isKnown ? peer.Pid : 0;
        return isKnown && (peer.Uid == 0 || peer.Uid == (uint)Libc.EffectiveUserId());
    }
}
