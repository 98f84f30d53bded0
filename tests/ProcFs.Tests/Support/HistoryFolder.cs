using ProcFs.Host;
using ProcFs.Sampling;

namespace ProcFs.Tests.Support;

/// <summary>A place for a history, and a host with some CPUs that it belongs to.</summary>
internal sealed class HistoryFolder : IDisposable
{
    public HistoryFolder(int cpus = 8)
    {
        Cpus = cpus;
        Boot = Guid.NewGuid().ToString();
    }

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("procfs-history-").FullName;

    public string StateFile => Path.Combine(Directory, "state");

    /// <summary>Later than anything a test books.</summary>
    public TestClock Clock { get; } = new() { NowNs = long.MaxValue / 2 };

    /// <summary>What was told since <see cref="Open"/> was called last.</summary>
    public List<string> Told { get; } = [];

    public int Cpus
    {
        set => Write("sys/devices/system/cpu/possible", value == 1 ? "0\n" : $"0-{value - 1}\n");
    }

    public string Boot
    {
        set => Write("proc/sys/kernel/random/boot_id", value + "\n");
    }

    public HostRoots Roots => HostRoots.From(Path.Combine(Directory, "proc"), Path.Combine(Directory, "sys/fs/cgroup"));

    /// <summary>As a daemon does when it starts. One of them at a time.</summary>
    public History? Open(string? path = null)
    {
        Told.Clear();
        return History.Open(path ?? StateFile, Roots, Clock, Told.Add);
    }

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);

    private void Write(string path, string text)
    {
        string file = Path.Combine(Directory, path);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
