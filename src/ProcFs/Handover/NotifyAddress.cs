using System.Text;

namespace ProcFs.Handover;

/// <summary>NOTIFY_SOCKET as sun_path has it: a path with its NUL, or an abstract name, which begins with NUL instead of the @.</summary>
internal static class NotifyAddress
{
    /// <summary>Null when it is neither: another kind of socket (vsock), or a text too long for one.</summary>
    public static byte[]? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text) || text.Length < 2 || text[0] is not ('/' or '@'))
        {
            return null;
        }

        bool isAbstract = text[0] == '@';
        byte[] name = Encoding.UTF8.GetBytes(isAbstract ? "\0" + text[1..] : text + "\0");
        return name.Length <= Interop.Libc.SocketNameSize ? name : null;
    }
}
