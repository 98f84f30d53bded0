namespace ProcFs.Cgroups.Tests.Support;

/// <summary>A directory that lives as long as a test, with plain files in place of the kernel's.</summary>
internal sealed class TempTree : IDisposable
{
    public TempTree() => Root = Directory.CreateTempSubdirectory("procfs-cgroups-").FullName;

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
