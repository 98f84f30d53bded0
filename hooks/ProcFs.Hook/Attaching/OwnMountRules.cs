using System.Text;
using ProcFs.Mountinfo;
using ProcFs.Text;

namespace ProcFs.Hook.Attaching;

/// <summary>What lies on a file of the container, seen from the mount that its path ends in.</summary>
internal enum Cover
{
    /// <summary>The kernel's own file shows.</summary>
    Bare,

    /// <summary>Ours, served, and of the directory that it should be of.</summary>
    Present,

    /// <summary>Ours, but dead, outdated or of another container number.</summary>
    Ours,

    /// <summary>Anything else: a mask, somebody's own bind. Never touched.</summary>
    Foreign,
}

/// <summary>Tells our mounts from all others, by lines of mountinfo alone: no filesystem is asked anything.</summary>
internal static class OwnMountRules
{
    /// <summary>What the topmost mount on a file is.</summary>
    /// <param name="table">The container's mounts.</param>
    /// <param name="top">The id of the mount that the file's path ends in; somebody must hold it, so that the id is its own.</param>
    /// <param name="root">/proc or /sys of the container.</param>
    /// <param name="file">As "proc/meminfo".</param>
    /// <param name="own">How to know mounts of ours.</param>
    /// <param name="expectedRoot">The root field of the mount that should be there, "/c/7/proc/meminfo"; null: none should.</param>
    public static Cover Classify(MountTable table, ulong top, in VerifiedRoot root, string file, OwnMounts own, string? expectedRoot)
    {
        if (top == root.MountId)
        {
            return Cover.Bare;
        }

        if (!table.TryFind(top, out MountInfoLine line))
        {
            return Cover.Foreign;
        }

        if (IsOwn(line, file, own, out uint minor))
        {
            bool isExpected = minor == own.LiveMinor && expectedRoot is not null && line.Root.SequenceEqual(Encoding.UTF8.GetBytes(expectedRoot));
            return isExpected ? Cover.Present : Cover.Ours;
        }

        // readonlyPaths bind the kernel's own file upon itself.
        bool isSameFile = line.Type.SequenceEqual(Encoding.ASCII.GetBytes(root.Type))
            && line.Device.SequenceEqual(Encoding.ASCII.GetBytes(root.Device))
            && IsPathInRoot(line.Root, file);
        return isSameFile ? Cover.Bare : Cover.Foreign;
    }

    /// <summary>
    /// Whether a directory has mounts of somebody else's in it, which ours would hide. Files of ours, and masks of what ours has not, are none.
    /// </summary>
    /// <param name="table">The container's mounts.</param>
    /// <param name="root">/proc or /sys of the container.</param>
    /// <param name="file">What is to be covered; a file has nothing in it.</param>
    /// <param name="own">How to know mounts of ours.</param>
    public static bool HasForeignBelow(MountTable table, in VerifiedRoot root, string file, OwnMounts own)
    {
        if (!CpuDirectory.Is(file) || !table.TryFind(root.MountId, out MountInfoLine rootLine))
        {
            return false;
        }

        string top = MountInfoLine.Unescape(rootLine.MountPoint) + file[file.IndexOf('/', StringComparison.Ordinal)..] + "/";
        ReadOnlySpan<byte> rest = table.Text;
        while (MountInfoLine.TryReadNext(ref rest, out MountInfoLine line))
        {
            string place = MountInfoLine.Unescape(line.MountPoint);
            if (place.StartsWith(top, StringComparison.Ordinal))
            {
                string below = $"{file}/{place[top.Length..]}";
                if (!IsOwn(line, below, own, out _) && !(line.Type.SequenceEqual("tmpfs"u8) && CpuDirectory.MayCoverMask(below)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>How many mounts of ours lie on one another, the topmost of them being <paramref name="top"/>.</summary>
    public static int CountLayers(MountTable table, ulong top, string file, OwnMounts own)
    {
        const int most = 1000; // a mount is never its own ancestor, but the text is only text
        int count = 0;
        while (count < most && table.TryFind(top, out MountInfoLine line) && IsOwn(line, file, own, out _))
        {
            count++;
            top = line.ParentId;
        }

        return count;
    }

    /// <summary>Whether a mount is one of ours for this file, whichever container it was made for: type, source, root and connection must all fit.</summary>
    public static bool IsOwn(in MountInfoLine line, string file, OwnMounts own, out uint minor)
        => IsOwn(line, own, out minor, out string? found) && found == file;

    /// <summary>The same for any file; which one is said as "proc/meminfo".</summary>
    public static bool IsOwn(in MountInfoLine line, OwnMounts own, out uint minor, out string? file)
    {
        file = null;
        minor = 0;
        if (!line.Type.SequenceEqual("fuse.procfs"u8) || !line.Source.SequenceEqual("procfs"u8)
            || !line.Device.StartsWith("0:"u8) || !NumberText.TryParse(line.Device[2..], out int number) || number == 0)
        {
            return false;
        }

        minor = (uint)number;
        file = FileOf(line.Root);
        // A number alone may be another daemon's by now, whose files look like ours.
        return file is not null
            && (minor == own.LiveMinor || (line.MaxRead is > 0 and uint mark ? own.Marked.Contains((minor, mark)) : own.PastMinors.Contains(minor)));
    }

    /// <summary>"/common/proc/meminfo" and "/c/7/proc/meminfo" are "proc/meminfo"; anything else is no file of ours.</summary>
    public static string? FileOf(ReadOnlySpan<byte> root)
    {
        ReadOnlySpan<byte> rest;
        if (root.StartsWith("/common/"u8))
        {
            rest = root["/common/"u8.Length..];
        }
        else if (root.StartsWith("/c/"u8))
        {
            rest = root["/c/"u8.Length..];
            int slash = rest.IndexOf((byte)'/');
            if (slash < 0 || !NumberText.TryParse(rest[..slash], out long _))
            {
                return null;
            }

            rest = rest[(slash + 1)..];
        }
        else
        {
            return null;
        }

        return rest.StartsWith("proc/"u8) || rest.StartsWith("sys/"u8) ? Encoding.UTF8.GetString(rest) : null;
    }

    private static bool IsPathInRoot(ReadOnlySpan<byte> root, string file)
        => root.SequenceEqual(Encoding.UTF8.GetBytes(file[file.IndexOf('/', StringComparison.Ordinal)..]));
}
