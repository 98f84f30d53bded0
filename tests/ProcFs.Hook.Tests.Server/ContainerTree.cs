using System.Text;
using ProcFs.Fuse;

namespace ProcFs.Hook.Tests.Server;

/// <summary>
/// common/ and c/NUMBER/ for a few numbers, each with the same files, whose text is "ours PATH". Node ids are positions in one list of paths.
/// </summary>
internal sealed class ContainerTree(string[] silent) : IFileSystem
{
    private static readonly string[] Files = ["proc/meminfo", "proc/uptime", "proc/stat", "proc/pressure/cpu", "sys/devices/system/cpu/online", "sys/devices/system/cpu/present"];
    private static readonly string[] Tops = ["common", "c/7", "c/8"];
    private static readonly List<string> Paths = AllPaths();

    public FuseErrno Lookup(in RequestContext context, ReadOnlySpan<byte> name, out NodeAttributes attributes)
    {
        if (silent.Contains(Encoding.UTF8.GetString(name)))
        {
            Thread.Sleep(Timeout.Infinite);
        }

        string parent = PathOf(context.NodeId) ?? "/none";
        string path = (parent.Length == 0 ? "" : parent + "/") + Encoding.UTF8.GetString(name);
        return AttributesOf(Paths.IndexOf(path), out attributes);
    }

    public FuseErrno GetAttributes(in RequestContext context, out NodeAttributes attributes) => AttributesOf((int)context.NodeId - 1, out attributes);

    public FuseErrno Open(in RequestContext context, uint openFlags, out OpenReply reply)
    {
        reply = new OpenReply(0, OpenReplyFlags.DirectIo);
        return FuseErrno.None;
    }

    public FuseErrno Read(in RequestContext context, ulong handle, long offset, Span<byte> destination, out int length)
    {
        byte[] text = Encoding.UTF8.GetBytes($"ours {PathOf(context.NodeId)}\n");
        ReadOnlySpan<byte> rest = offset >= text.Length ? default : text.AsSpan((int)offset);
        length = Math.Min(rest.Length, destination.Length);
        rest[..length].CopyTo(destination);
        return FuseErrno.None;
    }

    public void Release(in RequestContext context, ulong handle)
    {
    }

    public FuseErrno ReadDirectory(in RequestContext context, ulong offset, ref DirectoryWriter writer) => FuseErrno.None;

    public FuseErrno ReadLink(in RequestContext context, Span<byte> destination, out int length)
    {
        length = 0;
        return FuseErrno.EINVAL;
    }

    private static bool IsFile(string path) => Files.Any(file => path.EndsWith("/" + file, StringComparison.Ordinal));

    private static string? PathOf(ulong node) => node - 1 < (ulong)Paths.Count ? Paths[(int)node - 1] : null;

    private static FuseErrno AttributesOf(int index, out NodeAttributes attributes)
    {
        attributes = default;
        if (index < 0 || index >= Paths.Count)
        {
            return FuseErrno.ENOENT;
        }

        attributes = IsFile(Paths[index]) ? NodeAttributes.File((ulong)index + 1) : NodeAttributes.Directory((ulong)index + 1);
        return FuseErrno.None;
    }

    private static List<string> AllPaths()
    {
        List<string> paths = [""]; // the root is node 1
        foreach (string path in Tops.SelectMany(top => Files.Select(file => $"{top}/{file}")))
        {
            for (int slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
            {
                if (!paths.Contains(path[..slash]))
                {
                    paths.Add(path[..slash]);
                }
            }

            paths.Add(path);
        }

        return paths;
    }
}
