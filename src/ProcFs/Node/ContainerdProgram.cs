using System.Globalization;

namespace ProcFs.Node;

/// <summary>The node's containerd, as it tells of itself. Asked again when another program lies there, since a pod lives longer than a version.</summary>
internal sealed class ContainerdProgram
{
    /// <summary>The first major version in which what an imported file says of a plugin is added to what the importing one says.</summary>
    public const int FirstThatMerges = 2;

    private static readonly TimeSpan SaysItsVersionWithin = TimeSpan.FromSeconds(30);

    private (string Path, DateTime Written, string? Said)? _known;

    /// <summary>For example "containerd github.com/containerd/containerd v1.7.2 …"; null: it is not found, or says nothing.</summary>
    public string? Ask()
    {
        if (NodeTool.Find("containerd") is not { } path)
        {
            return null;
        }

        DateTime written = File.GetLastWriteTimeUtc(path);
        if (_known is not { } known || known.Path != path || known.Written != written)
        {
            _known = known = (path, written, NodeTool.Run([path, "--version"], SaysItsVersionWithin) is { ExitCode: 0 } said ? said.Output : null);
        }

        return known.Said;
    }

    /// <summary>The third word of that is the version: "v2.1.0", "1.6.20~ds1". Null: there is none.</summary>
    public static int? MajorVersion(string? said) => said?.Split(' ') is [_, _, string version, ..]
        && int.TryParse(version.TrimStart('v').Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major) ? major : null;
}
