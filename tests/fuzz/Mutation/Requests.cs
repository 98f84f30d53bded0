using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using ProcFs.Files;
using ProcFs.Fuse.Wire;
using ProcFs.Tree;

namespace ProcFs.Fuzz.Mutation;

/// <summary>
/// An input that is a stream of FUSE requests: each is two bytes with its length, and what one read(2) of the device would return. An 8-byte number in a body
/// that begins with <see cref="HandleMark"/> stands for the handle of an OPEN earlier in the stream, which is another one each time.
/// </summary>
internal static class Requests
{
    public const uint HandleMark = 0xF1F1_F1F1;

    private static readonly FuseOpcode[] Opcodes = Enum.GetValues<FuseOpcode>();

    private static readonly ushort[] FileNumbers =
        [.. Enumerable.Range(0, 10).Select(number => (ushort)number), .. ProcFiles.All.Select(entry => entry.Number), .. CpuFiles.All.Select(file => file.Number), .. CpuFiles.CpuDirectories.Select(entry => entry.Number)];

    private static readonly string[] Names =
    [
        "common", "c", "1", "2", "proc", "sys", "pressure", "devices", "system", "cpu", "cpu0", "cpu1", "cpu3", "cpu65534", "cpu00", "topology", "cache", "index0", ".", "..", "", "online",
        "4294967295", "18446744073709551615", "99999999999999999999", "01", "-1", new string('x', 255), new string('x', 256),
        .. ProcFiles.All.Select(entry => Path.GetFileName(entry.File.Path)),
    ];

    public static IReadOnlyList<Change> Changes { get; } =
    [
        .. ByteChanges.All, Remove, Repeat, Take, Take, Swap, ChangeOpcode, ChangeNode, ChangeNode, ChangeNumber, ChangeNumber, ChangeHandle, ChangeHandle, ChangeName, ChangeCaller, ChangeUnique, ChangeLength,
    ];

    public static byte[] Format(IEnumerable<byte[]> requests)
    {
        using MemoryStream input = new();
        Span<byte> length = stackalloc byte[2];
        foreach (byte[] request in requests)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)Math.Min(request.Length, ushort.MaxValue));
            input.Write(length);
            input.Write(request.AsSpan(0, Math.Min(request.Length, ushort.MaxValue)));
        }

        return input.ToArray();
    }

    /// <summary>The requests; the last one may be shorter than it says.</summary>
    public static List<byte[]> Parse(ReadOnlySpan<byte> input)
    {
        List<byte[]> requests = [];
        while (input.Length >= 2)
        {
            int length = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(input), input.Length - 2);
            requests.Add(input.Slice(2, length).ToArray());
            input = input[(2 + length)..];
        }

        return requests;
    }

    public static byte[] Make(FuseOpcode opcode, ulong node, ReadOnlySpan<byte> body = default, ulong unique = 2, uint pid = 50)
    {
        byte[] request = new byte[FuseInHeader.Size + body.Length];
        FuseInHeader header = new() { Len = (uint)request.Length, Opcode = opcode, Unique = unique, NodeId = node, Pid = pid };
        MemoryMarshal.Write(request, in header);
        body.CopyTo(request.AsSpan(FuseInHeader.Size));
        return request;
    }

    public static byte[] Body<T>(in T value)
        where T : unmanaged
        => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray();

    public static ulong Handle(int index) => ((ulong)HandleMark << 32) | (uint)index;

    private static void Remove(Mutant mutant) => Each(mutant, (requests, index) => requests.RemoveAt(index));

    private static void Repeat(Mutant mutant) => Each(mutant, (requests, index) => requests.Insert(mutant.Random.Next(requests.Count + 1), requests[index]));

    private static void Swap(Mutant mutant) => Each(mutant, (requests, index) =>
    {
        byte[] request = requests[index];
        requests.RemoveAt(index);
        requests.Insert(mutant.Random.Next(requests.Count + 1), request);
    });

    private static void Take(Mutant mutant)
    {
        List<byte[]> others = Parse(mutant.Other());
        List<byte[]> requests = Parse([.. mutant.Bytes]);
        if (others.Count > 0)
        {
            int from = mutant.Random.Next(others.Count);
            requests.InsertRange(mutant.Random.Next(requests.Count + 1), others.GetRange(from, Math.Min(others.Count - from, 1 + mutant.Random.Next(4))));
            mutant.Replace(0, mutant.Length, Format(requests));
        }
    }

    private static void ChangeOpcode(Mutant mutant) => EachHeader(mutant, request => BinaryPrimitives.WriteUInt32LittleEndian(
        request.AsSpan(4), mutant.Random.Next(8) == 0 ? (uint)mutant.Random.Next(70) : (uint)Opcodes[mutant.Random.Next(Opcodes.Length)]));

    private static void ChangeNode(Mutant mutant) => EachHeader(mutant, request => BinaryPrimitives.WriteUInt64LittleEndian(request.AsSpan(16), SomeNode(mutant.Random)));

    private static void ChangeNumber(Mutant mutant) => EachHeader(mutant, request =>
    {
        int words = (request.Length - FuseInHeader.Size) / 4;
        if (words > 1)
        {
            int at = FuseInHeader.Size + (4 * mutant.Random.Next(words - 1));
            Span<byte> field = request.AsSpan(at);
            if (mutant.Random.Next(2) == 0)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(field, ByteChanges.Edge(mutant.Random));
            }
            else
            {
                BinaryPrimitives.WriteUInt32LittleEndian(field, (uint)ByteChanges.Edge(mutant.Random));
            }
        }
    });

    private static void ChangeHandle(Mutant mutant) => EachHeader(mutant, request =>
    {
        if (request.Length >= FuseInHeader.Size + 8)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(request.AsSpan(FuseInHeader.Size), Handle(mutant.Random.Next(4)));
        }
    });

    private static void ChangeName(Mutant mutant) => Each(mutant, (requests, index) =>
    {
        string name = Names[mutant.Random.Next(Names.Length)];
        requests[index] = Make(FuseOpcode.FUSE_LOOKUP, SomeNode(mutant.Random), Encoding.UTF8.GetBytes(name + "\0"), (ulong)mutant.Random.Next(1, 100));
    });

    private static void ChangeCaller(Mutant mutant) => EachHeader(mutant, request => BinaryPrimitives.WriteUInt32LittleEndian(
        request.AsSpan(32), mutant.Random.Next(5) switch { 0 => 0, 1 => 1, 2 => 51, 3 => uint.MaxValue, _ => 50 }));

    private static void ChangeUnique(Mutant mutant) => EachHeader(mutant, request => BinaryPrimitives.WriteUInt64LittleEndian(
        request.AsSpan(8), mutant.Random.Next(4) switch { 0 => (1UL << 63) | 2, 1 => (ulong)mutant.Random.Next(10), 2 => ulong.MaxValue, _ => (ulong)mutant.Random.Next(1, 1000) }));

    /// <summary>Shorter or longer, and says so.</summary>
    private static void ChangeLength(Mutant mutant) => Each(mutant, (requests, index) =>
    {
        byte[] request = requests[index];
        Array.Resize(ref request, mutant.Random.Next(2) == 0 ? mutant.Random.Next(request.Length + 1) : request.Length + mutant.Random.Next(64));
        if (request.Length >= 4 && mutant.Random.Next(4) > 0)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(request, (uint)request.Length);
        }

        requests[index] = request;
    });

    private static ulong SomeNode(Random random)
    {
        ulong container = random.Next(4) switch { 0 => 1, 1 => (ulong)random.Next(4), 2 => random.Next(10) == 0 ? uint.MaxValue : 1UL, _ => 0 };
        int cpu = random.Next(3) == 0 ? random.Next(6) - 1 : random.Next(12) == 0 ? NodeId.MaxCpu : NodeId.NoCpu;
        return NodeId.Of(container, FileNumbers[random.Next(FileNumbers.Length)], cpu);
    }

    private static void Each(Mutant mutant, Action<List<byte[]>, int> change)
    {
        List<byte[]> requests = Parse([.. mutant.Bytes]);
        if (requests.Count > 0)
        {
            change(requests, mutant.Random.Next(requests.Count));
            mutant.Replace(0, mutant.Length, Format(requests));
        }
    }

    private static void EachHeader(Mutant mutant, Action<byte[]> change) => Each(mutant, (requests, index) =>
    {
        if (requests[index].Length >= FuseInHeader.Size)
        {
            change(requests[index]);
        }
    });
}
