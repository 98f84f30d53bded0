using ProcFs.Interop;

namespace ProcFs.Hook.Attaching;

/// <summary>
/// Masks of the engine in a directory that is going to be covered: the runtime comes later than the hook, finds no such name in ours and makes none. When
/// ours is taken off one day the kernel's would show what the engine wanted hidden; so the mask is put there first, beneath ours.
/// </summary>
internal static class KeptMasks
{
    /// <summary>An empty read-only directory on each.</summary>
    /// <param name="sys">The container's /sys.</param>
    /// <param name="root">The same.</param>
    /// <param name="masked">Paths that the engine hides. What ours shows all the same is not asked for here.</param>
    /// <param name="directory">The one to be covered.</param>
    /// <param name="put">Attaches a tree in the container.</param>
    /// <returns>The error of the first that could not be made.</returns>
    public static Errno Put(FileDescriptor sys, in VerifiedRoot root, IReadOnlyList<string> masked, string directory, Func<FileDescriptor, TargetFile, Errno> put)
    {
        foreach (string mask in CpuDirectory.Is(directory) ? masked.Where(CpuDirectory.MayCoverMask) : [])
        {
            using TargetFile? target = TargetFile.Open(sys, mask, out _);
            if (target is null || target.MountId != root.MountId)
            {
                continue; // the host has none, or something hides it already
            }

            int number = Libc.EmptyTree();
            if (number < 0)
            {
                return Libc.ErrorOf(number);
            }

            using FileDescriptor tree = new(number);
            Errno error = put(tree, target);
            if (error != Errno.None)
            {
                return error;
            }
        }

        return Errno.None;
    }

    /// <summary>Whether the engine hides a file: by itself, with its directory, or (a directory) something in it that ours shows.</summary>
    public static bool Hides(IReadOnlyList<string> masked, string file)
        => masked.Any(mask => file == mask || (mask.Length > 0 && file.StartsWith(mask, StringComparison.Ordinal) && file[mask.Length] == '/')
            || (CpuDirectory.Is(file) && CpuDirectory.Holds(mask) && !CpuDirectory.MayCoverMask(mask)));
}
