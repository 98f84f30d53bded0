using ProcFs.Mountinfo;
using ProcFs.Text;

namespace ProcFs.Hook.Attaching;

/// <summary>The directory where everybody finds the common files.</summary>
internal static class PublicMount
{
    /// <summary>The device minor of the connection that is bound there; null: nothing of ours is on top.</summary>
    public static uint? FindMinor(MountTable table, string path)
    {
        uint? found = null;
        ReadOnlySpan<byte> rest = table.Text;
        while (MountInfoLine.TryReadNext(ref rest, out MountInfoLine line))
        {
            if (MountInfoLine.Unescape(line.MountPoint) == path)
            {
                // The last line is of the topmost.
                bool isOurs = line.Type.SequenceEqual("fuse.procfs"u8) && line.Source.SequenceEqual("procfs"u8) && line.Root.SequenceEqual("/common"u8);
                found = isOurs && NumberText.TryParse(line.Device[(line.Device.IndexOf((byte)':') + 1)..], out int minor) ? (uint)minor : null;
            }
        }

        return found;
    }
}
