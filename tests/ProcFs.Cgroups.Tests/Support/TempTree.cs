namespace ProcFs.Cgroups.Tests.Support;

/// <summary>A directory that lives as long as a test, with plain files in place of the kernel's.</summary>
internal sealed class TempTree : IDisposable
{
    // In memory where that is possible: a disk's filesystem may flush a file each time it is written over.
    private static readonly string Parent = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    public TempTree() => Root = Directory.CreateDirectory(Path.Combine(Parent, $"procfs-cgroups-{Environment.ProcessId}-{Guid.NewGuid():N}")).FullName;

    public string Root { get; }

    public string At(string path) => Path.Combine(Root, path.TrimStart('/'));

    public TempTree Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
        return this;
    }

    public TempTree MakeDirectory(string path)
    {
        Directory.CreateDirectory(At(path));
        return this;
    }

    public void Remove(string path)
    {
        if (Directory.Exists(At(path)))
        {
            Directory.Delete(At(path), recursive: true);
        }
        else
        {
            File.Delete(At(path));
        }
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
