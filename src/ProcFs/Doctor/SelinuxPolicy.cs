using System.Globalization;
using System.Text;
using ProcFs.Interop;

namespace ProcFs.Doctor;

/// <summary>Asks the loaded policy of SELinux, by selinuxfs: the kernel answers, no daemon.</summary>
internal static class SelinuxPolicy
{
    /// <summary>The type that container engines give the processes of a container.</summary>
    public const string ContainerType = "container_t";

    private const string Place = "/sys/fs/selinux";
    private const uint PermissiveDomain = 1; // in the last field of the answer

    /// <summary>Whether processes of containers may read files with a label; null: the policy does not know one of the two, or may not be asked.</summary>
    /// <param name="label">Of the files.</param>
    public static bool? ContainersMayRead(string label)
    {
        bool hasLevel = Read("mls") == "1";
        if (!uint.TryParse(Read("class/file/index"), NumberStyles.None, CultureInfo.InvariantCulture, out uint type)
            || !int.TryParse(Read("class/file/perms/read"), NumberStyles.None, CultureInfo.InvariantCulture, out int read))
        {
            return null;
        }

        // Own level: the lowest, which every container dominates.
        string question = string.Create(CultureInfo.InvariantCulture, $"system_u:system_r:{ContainerType}{(hasLevel ? ":s0" : "")} {(hasLevel ? label : string.Join(':', label.Split(':').Take(3)))} {type}");
        return Ask(question) is { } answer ? MayRead(answer, read) : null;
    }

    /// <summary>What an answer says.</summary>
    /// <param name="answer">"allowed decided auditallow auditdeny seqno flags", the first four and the last in hexadecimal.</param>
    /// <param name="permission">Its number in the class, from 1.</param>
    internal static bool? MayRead(string answer, int permission)
        => answer.Split(' ') is [{ } allowed, _, _, _, _, { } flags, ..]
            && uint.TryParse(allowed, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint bits)
            && uint.TryParse(flags, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint set)
                ? (bits & (1u << (permission - 1))) != 0 || (set & PermissiveDomain) != 0
                : null;

    private static string? Ask(string question)
    {
        using FileDescriptor? file = FileDescriptor.Open(Place + "/access", Libc.O_RDWR, out _);
        byte[] answer = new byte[256];
        return file is not null && Libc.Write(file.Number, Encoding.ASCII.GetBytes(question)) > 0 && Libc.Read(file.Number, answer) is > 0 and nint length
            ? Encoding.ASCII.GetString(answer, 0, (int)length)
            : null;
    }

    private static string? Read(string name)
    {
        using FileDescriptor? file = FileDescriptor.Open($"{Place}/{name}", Libc.O_RDONLY, out _);
        byte[] text = new byte[16];
        return file is not null && Libc.Read(file.Number, text) is > 0 and nint length ? Encoding.ASCII.GetString(text, 0, (int)length).Trim() : null;
    }
}
