using System.Globalization;

namespace ProcFs.Integration.Tests.Support;

/// <summary>
/// A mount namespace of a management plane: what is at /proc there is of no use, and neither is /sys/fs/cgroup; the trees of the host that has the
/// containers are elsewhere. Processes have their numbers of the host.
/// </summary>
internal sealed class Plane : IDisposable
{
    private const string Script = """
        set -e
        mkdir "$1/proc" "$1/sys" "$1/cgroup"
        mount --bind /proc "$1/proc"
        mount --rbind /sys "$1/sys"
        mount --rbind /sys/fs/cgroup "$1/cgroup"
        mount -t tmpfs none /sys/fs/cgroup
        if [ "$2" = none ]; then
            mount -t tmpfs none /proc
            : >"$1/ready"
        else
            unshare --pid --fork --kill-child sh -c 'mount -t proc proc /proc && : >"$1/ready" && exec sleep 3600' sh "$1" &
        fi
        exec sleep 3600
        """;

    private readonly Running _holder;
    private readonly string _directory;

    /// <param name="tree">Where its directories are made.</param>
    /// <param name="proc">"foreign": the procfs of another pid namespace; "none": an empty directory.</param>
    public Plane(ServedTree tree, string proc)
    {
        _directory = tree.NewDirectory("plane");
        _holder = Child.Start("unshare", "--mount", "--propagation", "private", "sh", "-c", Script, "sh", _directory, proc);
        if (!Pace.Until(15, () => File.Exists($"{_directory}/ready") || _holder.Process.HasExited) || _holder.Process.HasExited)
        {
            _holder.Process.Kill(entireProcessTree: true);
            Assert.Fail("the management plane could not be made: " + _holder.Finish(Pace.Limit(5)).Error);
        }
    }

    /// <summary>What to put before a command that is to run in it.</summary>
    public string[] Inside => ["nsenter", "--target", _holder.Process.Id.ToString(CultureInfo.InvariantCulture), "--mount", "--"];

    /// <summary>The option that says where the host's processes are.</summary>
    public string[] ProcRoot => ["--proc-root", $"{_directory}/proc"];

    /// <summary>The options that say where the host's trees are.</summary>
    public string[] Roots => [.. ProcRoot, "--cgroup-root", $"{_directory}/cgroup"];

    /// <summary>The lines of its mountinfo.</summary>
    public string[] Mounts() => File.ReadAllLines($"/proc/{_holder.Process.Id}/mountinfo");

    public Output Run(params string[] command) => Child.Run([.. Inside, .. command]);

    public void Dispose() => _holder.Dispose();
}
