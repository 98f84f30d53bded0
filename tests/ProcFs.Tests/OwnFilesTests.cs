using ProcFs.Host;
using ProcFs.Serving;

namespace ProcFs.Tests;

/// <summary>A daemon does not read the host's files through its own.</summary>
public sealed class OwnFilesTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("procfs-own-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("proc/meminfo", "fuse.procfs", true)]
    [InlineData("sys/devices/system/cpu", "fuse.procfs", true)]
    [InlineData("proc/meminfo", "fuse.lxcfs", false)]
    [InlineData("var/lib/procfs", "fuse.procfs", false)]
    [InlineData("procx/meminfo", "fuse.procfs", false)]
    public void Files_of_ours_over_the_hosts_are_refused_in_one_sentence(string place, string type, bool isRefused)
    {
        Directory.CreateDirectory($"{_directory}/proc/self");
        Directory.CreateDirectory($"{_directory}/sys");
        File.WriteAllText($"{_directory}/proc/self/mountinfo", $"22 1 0:20 / / rw - ext4 x rw\n23 22 0:21 /c/1/x {_directory}/{place} ro - {type} procfs rw\n");
        Exception? refusal = Record.Exception(() => MountVisibility.RefuseOwnFiles(HostRoots.From($"{_directory}/proc", "/sys/fs/cgroup")));
        Assert.Equal(isRefused, refusal is Failure);
        Assert.Equal(isRefused, refusal?.Message.Contains("io.procfs.enable=0", StringComparison.Ordinal) ?? false);
    }
}
