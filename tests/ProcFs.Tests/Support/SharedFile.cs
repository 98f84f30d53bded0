using System.IO.MemoryMappedFiles;

namespace ProcFs.Tests.Support;

/// <summary>A file in memory that processes share, mapped.</summary>
internal sealed unsafe class SharedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public SharedFile(string path, long length)
    {
        Path = path;
        Length = length;
        using (FileStream file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            file.SetLength(length);
        }

        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, length);
        _view = _file.CreateViewAccessor();
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        Start = start;
    }

    public static string Directory => "/dev/shm";

    public string Path { get; }

    public byte* Start { get; }

    public long Length { get; }

    public Span<byte> Bytes => new(Start, (int)Length);

    /// <summary>With a name of its own, deleted when it is disposed.</summary>
    public static SharedFile CreateNew(long length) => new(System.IO.Path.Combine(Directory, $"procfs-tests-{Guid.NewGuid():N}"), length);

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
        File.Delete(Path);
    }
}
