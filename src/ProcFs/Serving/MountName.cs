using System.Globalization;
using System.Text;
using ProcFs.Fuse;
using ProcFs.Sampling;

namespace ProcFs.Serving;

/// <summary>What belongs to a mount point is named after it in the run directory.</summary>
internal static class MountName
{
    private const int LongestName = 240; // NAME_MAX is 255, and a suffix follows

    /// <summary>The mount point as a file name, as systemd escapes paths: "/" becomes "-", everything unusual \xNN.</summary>
    public static string Of(string mount)
    {
        StringBuilder name = new();
        foreach (byte character in Encoding.UTF8.GetBytes(MountPoint.Canonical(mount).Trim('/')))
        {
            if (character == '/')
            {
                name.Append('-');
            }
            else if (char.IsAsciiLetterOrDigit((char)character) || character is (byte)'_' or (byte)'.' or (byte)':')
            {
                name.Append((char)character);
            }
            else
            {
                name.Append(CultureInfo.InvariantCulture, $"\\x{character:x2}");
            }
        }

        return name.Length <= LongestName ? name.ToString() : string.Create(CultureInfo.InvariantCulture, $"{name.ToString(0, LongestName - 17)}-{Hash(name):x16}");
    }

    private static ulong Hash(StringBuilder name)
    {
        ulong hash = 0;
        for (int i = 0; i < name.Length; i++)
        {
            hash = HistoryChecksum.Mix(hash, name[i]);
        }

        return hash;
    }
}
