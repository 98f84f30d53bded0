using ProcFs.Interop;

namespace ProcFs.Hook.Wrapping;

/// <summary>Finds the real runtime.</summary>
internal static class RuntimeFinder
{
    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static readonly string[] Known = ["runc", "crun"];

    /// <summary>Its path; null, and one sentence, when there is none.</summary>
    /// <param name="wanted">A name or path; null: the first of those that are known.</param>
    /// <param name="path">PATH of the environment; null: it has none.</param>
    /// <param name="self">This program's own file, which is never the real runtime, whatever it is called.</param>
    /// <param name="defect">Why there is none.</param>
    public static string? Find(string? wanted, string? path, string? self, out string defect)
    {
        defect = "";
        string[] names = wanted is null ? Known : [wanted];
        foreach (string name in names)
        {
            if (name.Contains('/', StringComparison.Ordinal))
            {
                if (IsSame(name, self))
                {
                    defect = $"the runtime {name} is this program itself; name the real one with --runtime";
                    return null;
                }

                if (IsProgram(name))
                {
                    return name;
                }

                continue;
            }

            foreach (string directory in (string.IsNullOrEmpty(path) ? DefaultPath : path).Split(':', StringSplitOptions.RemoveEmptyEntries))
            {
                string candidate = Path.Combine(directory, name);
                if (IsProgram(candidate) && !IsSame(candidate, self))
                {
                    return candidate;
                }
            }
        }

        defect = wanted is null
            ? $"there is neither {string.Join(" nor ", Known)} in the PATH; name the real runtime with --runtime, or \"runtime\" in the configuration"
            : $"there is no runtime {wanted}; name the real one with --runtime, or \"runtime\" in the configuration";
        return null;
    }

    private static bool IsProgram(string path)
        => Status(path) is { } status && (status.Mode & Libc.S_IFMT) == Libc.S_IFREG && (status.Mode & 0x49) != 0; // 0111

    private static bool IsSame(string path, string? self)
        => self is not null && Status(path) is { } one && Status(self) is { } other
            && (one.Inode, one.DeviceMajor, one.DeviceMinor) == (other.Inode, other.DeviceMajor, other.DeviceMinor);

    private static Libc.StatxBuffer? Status(string path)
        => Libc.Statx(Libc.AT_FDCWD, Libc.PathBytes(path), 0, Libc.STATX_BASIC_STATS, out Libc.StatxBuffer status) == 0 ? status : null;
}
