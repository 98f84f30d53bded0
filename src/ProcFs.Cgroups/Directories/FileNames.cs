using ProcFs.Interop;

namespace ProcFs.Cgroups;

/// <summary>The names of cgroup files as libc wants them, one copy for all directories. There are a few tens.</summary>
internal static class FileNames
{
    private static readonly Dictionary<string, byte[]> Known = new(StringComparer.Ordinal);

    public static byte[] WithNul(string name)
    {
        lock (Known)
        {
            if (!Known.TryGetValue(name, out byte[]? bytes))
            {
                bytes = Libc.PathBytes(name);
                Known.Add(name, bytes);
            }

            return bytes;
        }
    }
}
