using System.Diagnostics;
using System.Globalization;
using System.Text;
using ProcFs.Files;
using ProcFs.Fuse;
using ProcFs.Text;
using ProcFs.Tree;

namespace ProcFs.Tests;

/// <summary>A daemon that is killed while it opens, renders and closes: whoever has read the beginning of a text gets the rest of that text.</summary>
public sealed unsafe class SnapshotKillTests : IDisposable
{
    private const int Kills = 40;
    private const int Workers = 4;
    private const int Entries = 512;
    private const int LineLength = 16;

    private readonly string _directory = Directory.CreateDirectory(Path.Combine(SharedFile.Directory, $"procfs-kill-{Guid.NewGuid():N}")).FullName;
    private readonly SharedFile _progress;
    private readonly SharedFile _table;

    public SnapshotKillTests() => (_progress, _table) = (ProgressIn(_directory), TableIn(_directory));

    public void Dispose()
    {
        _progress.Dispose();
        _table.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void A_reader_in_the_middle_of_a_text_never_gets_another_ones_rest()
    {
        Random random = new(2);
        Progress* progress = (Progress*)_progress.Start;
        int continued = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            ulong before = progress[0].Request;
            KilledChild.RunAndKill("snapshots", _directory, TimeSpan.FromMilliseconds(random.NextDouble() * 20), () => Volatile.Read(ref progress[0].Request) > before);
            using SnapshotTable snapshots = SnapshotTable.Open(_table.Start, _table.Length, 1, out string? defect)!;
            Assert.Null(defect);
            Assert.Equal(Entries, snapshots.Count);
            ProcFileSystem files = new(new ServedTree(_ => 4096, NoContainers.Instance), 1, snapshots, _ => new NeverAsked());
            AssertWhole(files, snapshots);
            for (int worker = 0; worker < Workers; worker++)
            {
                Progress reader = progress[worker];
                if (reader.Handle == 0)
                {
                    continue;
                }

                // The READ that was answered last, executed once more, and the one that follows it.
                byte[] text = new byte[SnapshotTable.LongestText];
                Assert.Equal(FuseErrno.None, files.Read(new RequestContext(reader.Request, 16, 1, 0, 0, 0), reader.Handle, 0, text, out int length));
                Assert.Equal(TextOf(reader.Number), Encoding.ASCII.GetString(text, 0, length));
                Assert.Equal(FuseErrno.None, files.Read(new RequestContext(ulong.MaxValue >> 1, 16, 1, 0, 0, 0), reader.Handle, 7, text, out length));
                Assert.Equal(TextOf(reader.Number)[7..], Encoding.ASCII.GetString(text, 0, length));
                continued++;
            }
        }

        Assert.True(continued > Kills, $"only {continued} readers were in the middle of a text");
    }

    /// <summary>Every text that counts, answered or not, is what was made.</summary>
    private static void AssertWhole(ProcFileSystem files, SnapshotTable snapshots)
    {
        byte[] text = new byte[SnapshotTable.LongestText];
        for (int i = 0; i < snapshots.Count; i++)
        {
            Snapshot* entry = snapshots.Entry(i);
            if (entry->Generation != 0 && entry->RenderedFor == entry->Generation)
            {
                ulong handle = ((ulong)entry->Generation << 32) | (uint)i;
                Assert.Equal(FuseErrno.None, files.Read(new RequestContext(entry->RenderedBy, 16, 1, 0, 0, 0), handle, 0, text, out int length));
                string whole = Encoding.ASCII.GetString(text, 0, length);
                Assert.Equal(0, length % LineLength);
                Assert.True(length == 0 || whole == TextOf(long.Parse(whole.AsSpan(0, LineLength), CultureInfo.InvariantCulture)), "a text is mixed");
            }
        }
    }

    internal static void Live(string directory)
    {
        using SharedFile shared = ProgressIn(directory);
        using SharedFile table = TableIn(directory);
        Progress* progress = (Progress*)shared.Start;
        SnapshotTable snapshots = SnapshotTable.Open(table.Start, table.Length, Entries, out _)!;
        // Ids only grow: further on than any life comes beyond what it has told.
        ulong request = Enumerable.Range(0, Workers).Max(worker => ((Progress*)shared.Start)[worker].Request) + 10_000_000;
        for (int worker = 0; worker < Workers; worker++)
        {
            progress[worker].Handle = 0; // what an earlier life told of may be given away before its worker begins
        }

        Numbered[] sources = [.. Enumerable.Range(0, Workers).Select(worker => new Numbered((long)request + worker))];
        ProcFileSystem files = new(new ServedTree(_ => 4096, NoContainers.Instance), Workers, snapshots, worker => sources[worker]);
        Thread[] workers = [.. Enumerable.Range(0, Workers).Select(worker => new Thread(() =>
        {
            Progress* mine = progress + worker;
            byte[] text = new byte[32];
            Random random = new(worker);
            mine->Handle = 0;
            while (true)
            {
                files.Open(new RequestContext(Interlocked.Add(ref request, 2), 16, 1, 0, 0, worker), 0, out OpenReply opened);
                for (int reads = random.Next(1, 4); reads > 0; reads--)
                {
                    Volatile.Write(ref mine->Handle, 0);
                    RequestContext read = new(Interlocked.Add(ref request, 2), 16, 1, 0, 0, worker);
                    files.Read(read, opened.Handle, 0, text, out _);
                    mine->Number = sources[worker].Last;
                    Volatile.Write(ref mine->Request, read.UniqueId);
                    Volatile.Write(ref mine->Handle, opened.Handle);
                    // As long as it takes to make a text, so that kills come in both.
                    long until = Stopwatch.GetTimestamp() + random.NextInt64(Stopwatch.Frequency / 1_000);
                    for (long later = 1; Stopwatch.GetTimestamp() < until; later++)
                    {
                        files.Read(new RequestContext(Interlocked.Add(ref request, 2), 16, 1, 0, 0, worker), opened.Handle, 1 + (later % 4096), text, out _);
                    }
                }

                // Some are never closed.
                if (random.Next(16) != 0)
                {
                    Volatile.Write(ref mine->Handle, 0);
                    files.Release(new RequestContext(Interlocked.Add(ref request, 2), 16, 0, 0, 0, worker), opened.Handle);
                }
            }
        }))];
        Array.ForEach(workers, worker => worker.Start());
        Array.ForEach(workers, worker => worker.Join());
    }

    /// <summary>The same number again and again, as often as it pleases.</summary>
    private static string TextOf(long number) => string.Concat(Enumerable.Repeat(number.ToString(CultureInfo.InvariantCulture).PadLeft(LineLength), LinesOf(number)));

    /// <summary>Mostly short; one in eight so long that old texts have to be taken away for it.</summary>
    private static int LinesOf(long number)
        => (int)(number * 2654435761 % ((number % 8 == 0 ? SnapshotTable.LongestText : 64 * 1024) / LineLength));

    private static SharedFile ProgressIn(string directory) => new(Path.Combine(directory, "progress"), 4096);

    private static SharedFile TableIn(string directory) => new(Path.Combine(directory, "table"), SnapshotTable.BytesFor(Entries));

    /// <summary>What a worker's reader has seen: set when the answer would go out.</summary>
    private struct Progress
    {
        public ulong Handle;
        public ulong Request;
        public long Number;
    }

    private sealed class Numbered(long first) : ITextSource
    {
        public long Last { get; private set; } = first;

        public void Render(IProcFile file, ulong container, uint threadId, TextBuffer output)
        {
            Last += Workers;
            output.Write(Last, LineLength);
            Span<byte> first = stackalloc byte[LineLength];
            output.Text.CopyTo(first);
            output.Clear();
            for (int line = LinesOf(Last); line > 0; line--)
            {
                output.Write(first);
            }
        }
    }

    private sealed class NeverAsked : ITextSource
    {
        public void Render(IProcFile file, ulong container, uint threadId, TextBuffer output) => throw new InvalidOperationException("a text was made anew");
    }
}
