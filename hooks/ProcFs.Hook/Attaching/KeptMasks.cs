using ProcFs.Interop;

namespace ProcFs.Hook.Attaching;

/// <summary>
/// Masks of the engine in a directory that is going to be covered: the runtime comes later than the hook, finds no such name in ours and makes none. When
/// ours is taken off one day the kernel's would show what the engine wanted hidden; so the mask is put there first, beneath ours.
/// </summary>
internal static class KeptMasks
{
    /// <summary>An empty read-only directory on each.</summary>
    /// <param name="entered">The container.</param>
    /// <param name="masked">Paths that the engine hides. What ours shows all the same is not asked for here.</param>
    /// <param name="directory">The one to be covered.</param>
    /// <returns>The error of the first that could not be made.</returns>
    public static Errno Put(EnteredNamespace entered, IReadOnlyList<string> masked, string directory)
    {
        foreach (string mask in CpuDirectory.Is(directory) ? masked.Where(CpuDirectory.MayCoverMask) : [])
        {
            using TargetFile? target = FileView.Open(entered, mask, out _);
            if (target is null || !entered.IsBare(target, mask))
            {
                continue; // the host has none, or something hides it already
            }

            int number = Libc.EmptyTree();
            if (number < 0)
            {
                return Libc.ErrorOf(number);
            }

            using FileDescriptor tree = new(number);
            Errno error = entered.Put(tree, target);
            if (error != Errno.None)
            {
                return error;
            }
        }

        return Errno.None;
    }
}
