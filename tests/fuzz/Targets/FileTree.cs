namespace ProcFs.Fuzz.Targets;

/// <summary>A directory with plain files in place of the kernel's, that are written over by inputs and are as they were after each.</summary>
internal sealed class FileTree : IDisposable
{
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly bool _isOurs;

    /// <param name="root">A directory that somebody else has made, and removes; null: a new one, in memory: TMPDIR of the process that tries inputs leads there.</param>
    public FileTree(string? root = null)
    {
        _isOurs = root is null;
        Root = root ?? Directory.CreateTempSubdirectory("procfs-fuzz-").FullName;
    }

    public string Root { get; }

    /// <summary>What an input has written over.</summary>
    public IReadOnlyCollection<string> Changed => _changed;

    /// <summary>What is there, relative to the root.</summary>
    public IReadOnlyCollection<string> Paths => _files.Keys;

    public string At(string path) => Path.Combine(Root, path);

    /// <summary>A file that is there before each input.</summary>
    public FileTree Add(string path, ReadOnlySpan<byte> text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllBytes(At(path), text);
        _files[path] = text.ToArray();
        return this;
    }

    /// <summary>Counts a file that somebody else has made there.</summary>
    public void Adopt(string path) => _files[path] = File.ReadAllBytes(At(path));

    public byte[] Original(string path) => _files[path];

    /// <summary>Writes over a file; false when there is none of this path.</summary>
    public bool TryWrite(string path, ReadOnlySpan<byte> text)
    {
        if (!_files.ContainsKey(path))
        {
            return false;
        }

        File.WriteAllBytes(At(path), text);
        _changed.Add(path);
        return true;
    }

    /// <summary>Makes all files what they were.</summary>
    public void Restore()
    {
        foreach (string path in _changed)
        {
            File.WriteAllBytes(At(path), _files[path]);
        }

        _changed.Clear();
    }

    public void Dispose()
    {
        if (_isOurs)
        {
            Directory.Delete(Root, recursive: true);
        }
    }
}
