using System.Buffers.Binary;
using ProcFs.Interop;

namespace ProcFs.Fuse.Tests;

/// <summary>A journal comes from whoever kept it: whatever is wrong with it is a phrase, never an exception or a crash.</summary>
public class JournalDefectTests
{
    private const int Application = 10_000;
    private const int Length = MemoryFile.JournalLength + Application;

    private readonly byte[] _header;

    public JournalDefectTests()
    {
        using Journal journal = Journal.Create("/mnt", 1, Application);
        _header = MemoryFile.HeaderOf(journal);
    }

    [Fact]
    public void Good_one_has_none() => Assert.Null(Defect(Length));

    [Fact]
    public void Other_files_are_no_journal()
    {
        using FileDescriptor regular = FileDescriptor.Open("/proc/self/status", Libc.O_RDONLY, out _)!;
        Assert.Equal("not a file in memory", MemoryFile.DefectOf(regular));
        using FileDescriptor device = FileDescriptor.Open("/dev/null", Libc.O_RDWR, out _)!;
        Assert.Equal("not a file in memory", MemoryFile.DefectOf(device));
        Assert.Null(Journal.TryOpen(-1, out string? closed));
        Assert.Equal("Bad file descriptor", closed);
        Assert.Null(Journal.TryOpen(int.MaxValue, out closed));
        Assert.Equal("Bad file descriptor", closed);
        using FileDescriptor empty = MemoryFile.Create([], 0);
        Assert.Equal("truncated: 0 bytes", MemoryFile.DefectOf(empty));
        using FileDescriptor zeros = MemoryFile.Create([], Length);
        Assert.Equal("not a journal", MemoryFile.DefectOf(zeros));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Libc.F_SEAL_SHRINK)]
    [InlineData(Libc.F_SEAL_SHRINK | Libc.F_SEAL_GROW)]
    [InlineData(Libc.F_SEAL_GROW | Libc.F_SEAL_SEAL)]
    public void Every_seal_is_wanted(int seals)
    {
        using FileDescriptor file = MemoryFile.Create(_header, Length, seals);
        Assert.Equal("not sealed: its size could change", MemoryFile.DefectOf(file));
    }

    [Fact]
    public void One_that_cannot_be_written_cannot_be_mapped()
    {
        const int SealWrite = 0x8;
        using FileDescriptor file = MemoryFile.Create(_header, Length, MemoryFile.JournalSeals | SealWrite);
        Assert.Equal("cannot be mapped: Operation not permitted", MemoryFile.DefectOf(file));
    }

    [Theory]
    [InlineData(0, "truncated: 0 bytes")]
    [InlineData(4095, "truncated: 4095 bytes")]
    [InlineData(4096, "truncated: slots at 65536 in a file of 4096 bytes")]
    [InlineData(131071, "truncated: slots at 65536 in a file of 131071 bytes")]
    [InlineData(Length - 1, "truncated: 10000 bytes of the application at 131072 in a file of 141071 bytes")]
    public void Truncated_file_is_told_with_its_length(int length, string defect)
    {
        using FileDescriptor file = MemoryFile.Create(_header.AsSpan(0, Math.Min(length, _header.Length)), length);
        Assert.Equal(defect, MemoryFile.DefectOf(file));
    }

    [Theory]
    [InlineData(0, 1u, "not a journal")]
    [InlineData(4, 0u, "not a journal")]
    [InlineData(8, 0u, "layout version 0, this program knows 1")]
    [InlineData(8, 7u, "layout version 7, this program knows 1")]
    [InlineData(12, 0u, "0 slots of 8192 bytes")]
    [InlineData(12, 9999u, "9999 slots of 8192 bytes")]
    [InlineData(16, 0u, "8 slots of 0 bytes")]
    [InlineData(16, uint.MaxValue, "8 slots of 4294967295 bytes")]
    [InlineData(24, 0u, "truncated: slots at 0 in a file of 141072 bytes")] // over the header
    [InlineData(24, 65537u, "truncated: slots at 65537 in a file of 141072 bytes")] // not page aligned
    [InlineData(24, 69632u, "truncated: 10000 bytes of the application at 131072 in a file of 141072 bytes")] // over each other
    [InlineData(28, uint.MaxValue, "truncated: slots at 18446744069414649856 in a file of 141072 bytes")]
    [InlineData(32, 0u, "truncated: 10000 bytes of the application at 0 in a file of 141072 bytes")]
    [InlineData(32, 4294963200u, "truncated: 10000 bytes of the application at 4294963200 in a file of 141072 bytes")]
    [InlineData(36, uint.MaxValue, "truncated: 10000 bytes of the application at 18446744069414715392 in a file of 141072 bytes")]
    [InlineData(40, 10001u, "truncated: 10001 bytes of the application at 131072 in a file of 141072 bytes")]
    [InlineData(44, uint.MaxValue, "truncated: 18446744069414594320 bytes of the application at 131072 in a file of 141072 bytes")]
    [InlineData(48, 2u, "its values are out of range")]
    [InlineData(52, uint.MaxValue, "its values are out of range")]
    [InlineData(76, 0x80000000u, "its values are out of range")] // node time before 1970
    [InlineData(76, 0x7fffffffu, "its values are out of range")] // after 9999
    [InlineData(120, 0u, "its mount path is none")]
    [InlineData(120, 1025u, "its mount path is none")]
    [InlineData(120, uint.MaxValue, "its mount path is none")]
    [InlineData(120, 6u, "its mount path is none")] // a NUL
    [InlineData(1024, 0x746e6dffu, "its mount path is none")]
    [InlineData(1024, 0x74c36d2fu, "its mount path is none")] // not UTF-8
    public void Field_that_cannot_be_is_told(int offset, uint value, string defect)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_header.AsSpan(offset), value);
        Assert.Equal(defect, Defect(Length));
    }

    [Fact]
    public void Random_pages_are_no_journal()
    {
        Random random = new(20_111);
        byte[] page = new byte[8192];
        for (int i = 0; i < 300; i++)
        {
            random.NextBytes(page);
            if (i % 2 == 0)
            {
                _header.AsSpan(0, 12).CopyTo(page); // believable for as long as possible
            }

            if (i % 4 == 0)
            {
                _header.AsSpan(0, 48).CopyTo(page);
            }

            using FileDescriptor file = MemoryFile.Create(page, Length);
            Assert.NotNull(MemoryFile.DefectOf(file));
        }
    }

    [Fact]
    public void Mutated_headers_are_refused_or_used_within_bounds()
    {
        Random random = new(20_112);
        int used = 0;
        for (int i = 0; i < 2000; i++)
        {
            byte[] header = [.. _header];
            for (int n = random.Next(1, 4); n > 0; n--)
            {
                // The fields are in the first 128 bytes, path and poison records behind.
                int offset = random.Next(3) == 0 ? random.Next(header.Length) : random.Next(128);
                header[offset] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)(header[offset] ^ (1 << random.Next(8)));
            }

            using FileDescriptor file = MemoryFile.Create(header, Length);
            if (Journal.TryOpen(file.Number, out string? defect) is not { } journal)
            {
                Assert.False(string.IsNullOrWhiteSpace(defect));
                continue;
            }

            file.SetHandleAsInvalid();
            used++;
            UseAll(journal);
        }

        Assert.InRange(used, 100, 1900); // both ways are taken
    }

    /// <summary>Touches whatever the header leads to.</summary>
    private static unsafe void UseAll(Journal journal)
    {
        using (journal)
        {
            Assert.StartsWith("/", journal.Mount, StringComparison.Ordinal);
            _ = journal.CreateSession();
            _ = journal.Counters;
            journal.BeginEpoch();
            for (long i = 0; i < journal.ApplicationLength; i += 100)
            {
                journal.Application[i]++;
            }

            FileDescriptor device = FileDescriptor.Open("/dev/null", Libc.O_RDWR, out _)!;
            using RequestSlots slots = new(journal);
            for (int i = 0; i < slots.Count; i++)
            {
                new Span<byte>(slots.Request(i), RequestSlots.RequestSize).Fill(0xa5);
            }

            ListLogger logger = new();
            using Connection connection = new(new FuseDevice(device), slots, new Dispatcher(new TinyFileSystem(), journal.CreateSession(), logger), logger);
            Assert.Equal(8, connection.Recover());
            Assert.All(Enumerable.Range(0, 8), i => Assert.Equal(0ul, slots.UniqueIn(i)));
        }
    }

    private string? Defect(long length)
    {
        using FileDescriptor file = MemoryFile.Create(_header, length);
        return MemoryFile.DefectOf(file);
    }
}
