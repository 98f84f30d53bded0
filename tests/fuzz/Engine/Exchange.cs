using System.IO.MemoryMappedFiles;

namespace ProcFs.Fuzz.Engine;

/// <summary>
/// What the process that tries inputs tells the one that watches it, in memory that outlives it: the input that is being tried, and how far it has come. Written
/// by one thread; what is read meanwhile may be half of it, but for an input whose process has ended or hangs.
/// </summary>
internal sealed unsafe class Exchange : IDisposable
{
    private const int HeadSize = 4096;
    private const int LongestInput = 1 << 20;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    private Exchange(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, HeadSize + LongestInput);
        _view = _file.CreateViewAccessor();
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _start = start;
    }

    /// <summary>How many inputs were begun.</summary>
    public long Begun
    {
        get => Volatile.Read(ref Head->Begun);
        set => Volatile.Write(ref Head->Begun, value);
    }

    /// <summary>How many of them came to an end.</summary>
    public long Ended => Volatile.Read(ref Head->Ended);

    /// <summary>How many inputs are kept since each went a new way.</summary>
    public long Kept
    {
        get => Volatile.Read(ref Head->Kept);
        set => Volatile.Write(ref Head->Kept, value);
    }

    /// <summary>How many edges were ever seen.</summary>
    public long Edges
    {
        get => Volatile.Read(ref Head->Edges);
        set => Volatile.Write(ref Head->Edges, value);
    }

    /// <summary>Different defects.</summary>
    public long Defects
    {
        get => Volatile.Read(ref Head->Defects);
        set => Volatile.Write(ref Head->Defects, value);
    }

    /// <summary>The seed of the next input.</summary>
    public long Seed
    {
        get => Volatile.Read(ref Head->Seed);
        set => Volatile.Write(ref Head->Seed, value);
    }

    /// <summary>The input that was begun last.</summary>
    public byte[] Input => new ReadOnlySpan<byte>(_start + HeadSize, Math.Clamp(Head->Length, 0, LongestInput)).ToArray();

    private Header* Head => (Header*)_start;

    /// <summary>Makes it, all zeros.</summary>
    public static Exchange Create(string path)
    {
        File.Delete(path);
        return new Exchange(path);
    }

    public static Exchange Open(string path) => new(path);

    public void Begin(ReadOnlySpan<byte> input)
    {
        input = input[..Math.Min(input.Length, LongestInput)];
        input.CopyTo(new Span<byte>(_start + HeadSize, LongestInput));
        Head->Length = input.Length;
        Volatile.Write(ref Head->Begun, Head->Begun + 1);
    }

    public void End() => Volatile.Write(ref Head->Ended, Head->Begun);

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private struct Header
    {
        public long Begun;
        public long Ended;
        public long Kept;
        public long Edges;
        public long Defects;
        public long Seed;
        public int Length;
    }
}
