using System.Buffers.Binary;

namespace ProcFs.Bench;

/// <summary>
/// What a reader tells on its standard output: a record of 8 bytes for each thing that it timed, the number of a path (or <see cref="Spin"/>), the
/// number of the thread, and nanoseconds, little-endian.
/// </summary>
internal sealed class ReadReport
{
    /// <summary>In the place of a path: the probe that takes the same work each time, so that its spread is the machine's.</summary>
    public const ushort Spin = ushort.MaxValue;

    public const int RecordSize = 8;

    private readonly Samples[] _samples;

    private ReadReport(Samples[] samples, Samples spins) => (_samples, Spins) = (samples, spins);

    public Samples Spins { get; }

    /// <summary>All durations of a path, whichever thread read it.</summary>
    public Samples Of(int path) => _samples[path];

    public static void Write(Span<byte> record, ushort path, ushort reader, long nanoseconds)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(record, path);
        BinaryPrimitives.WriteUInt16LittleEndian(record[2..], reader);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], (uint)Math.Min(nanoseconds, uint.MaxValue));
    }

    /// <exception cref="BenchFailure">Bytes that no reader of so many paths wrote.</exception>
    public static ReadReport Parse(ReadOnlySpan<byte> bytes, int paths)
    {
        if (bytes.Length % RecordSize != 0)
        {
            throw new BenchFailure($"the reader's report is cut off: {bytes.Length} bytes");
        }

        Samples spins = new();
        Samples[] samples = [.. Enumerable.Range(0, paths).Select(_ => new Samples())];
        for (; !bytes.IsEmpty; bytes = bytes[RecordSize..])
        {
            ushort path = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
            Samples target = path == Spin ? spins : path < paths ? samples[path] : throw new BenchFailure($"the reader reports a path {path} of {paths}");
            target.Add(BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]));
        }

        return new ReadReport(samples, spins);
    }
}
