using System.Text;
using ProcFs.Files;
using ProcFs.Fuse;
using ProcFs.Text;
using ProcFs.Tree;

namespace ProcFs.Tests;

/// <summary>Open files that outlive the daemon: what a successor finds, what it makes of it, and what it makes of rubbish.</summary>
public sealed unsafe class SnapshotTests : IDisposable
{
    private const int Entries = 256;
    private const ulong Node = 16;
    private const ulong OtherNode = 17;

    /// <summary>Of the table, with its entries.</summary>
    private const long MostMemory = (HandleTable.MostPages * (long)Page) + (Entries * 64) + Page;

    private const int Page = 4096;

    private readonly SharedFile _memory = SharedFile.CreateNew(SnapshotTable.BytesFor(Entries));
    private readonly Source _source = new();
    private readonly byte[] _text = new byte[2 * SnapshotTable.LongestText];
    private ProcFileSystem _files;
    private ulong _lastRequest = 1000;

    public SnapshotTests() => _files = Start();

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void A_reader_goes_on_in_its_text_with_the_next_daemon()
    {
        ulong handle = Open();
        Assert.Equal("render 1", Read(handle, 0));
        _files = Start();
        Assert.Equal("nder 1", Read(handle, 2));
        Assert.Equal("", Read(handle, 8));
        Assert.Equal("render 2", Read(handle, 0));
        Assert.Equal("er 2", Read(handle, 4));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_READ_that_is_executed_once_more_gives_the_same_text(bool byTheNextDaemon)
    {
        ulong handle = Open();
        ulong request = NextRequest();
        Assert.Equal("render 1", Read(handle, 0, request));
        if (byTheNextDaemon)
        {
            _files = Start();
        }

        Assert.Equal("render 1", Read(handle, 0, request));
        Assert.Equal("render 1", Read(handle, 0, request | (1UL << 63)));
        Assert.Equal("1", Read(handle, 7));
        Assert.Equal("render 2", Read(handle, 0));
    }

    [Theory]
    [InlineData(true, false, false)] // answered, and killed before its slot was cleared
    [InlineData(true, false, true)]
    [InlineData(false, true, false)] // sent again while a worker had it in hand, who comes to it last
    public void A_READ_that_is_executed_once_more_does_not_replace_the_text_of_a_later_one(bool byTheNextDaemon, bool isFirstResent, bool isLastResent)
    {
        const ulong Resent = 1UL << 63;
        ulong handle = Open();
        ulong request = NextRequest();
        Assert.Equal("render 1", Read(handle, 0, request | (isFirstResent ? Resent : 0)));
        Assert.Equal("render 2", Read(handle, 0)); // its reader has gone back to the beginning, and read a part
        if (byTheNextDaemon)
        {
            _files = Start();
        }

        Assert.Equal("render 2", Read(handle, 0, request | (isLastResent ? Resent : 0)));
        Assert.Equal("er 2", Read(handle, 4));
        Assert.Equal(2, _source.Count);
        Assert.Equal("render 3", Read(handle, 0));
    }

    [Fact]
    public void An_OPEN_that_is_executed_in_vain_after_its_file_was_closed_leaves_nothing()
    {
        ulong request = NextRequest();
        ulong handle = Open(request);
        ulong other = Open();
        Release(handle);
        _files = Start();
        ulong again = Open(request);
        Assert.NotEqual(handle, again);
        Assert.Equal(2, _files.OpenFiles);
        _files.Withdraw(At(request, Node), again);
        Assert.Equal(1, _files.OpenFiles);
        _files.Withdraw(At(request, Node), again);
        _files.Withdraw(At(request, Node), handle);
        Assert.Equal(1, _files.OpenFiles);
        Release(other);
        Assert.Equal(0, _files.OpenFiles);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_OPEN_that_is_executed_in_vain_while_its_file_is_open_closes_nothing(bool isFirstResent)
    {
        ulong request = NextRequest();
        ulong handle = Open(request);
        Assert.Equal("render 1", Read(handle, 0));
        _files = Start();
        Assert.Equal(handle, Open(request));
        _files.Withdraw(At(request, Node), handle);
        Assert.Equal("er 1", Read(handle, 4));

        // One that was sent again is in two slots: the kernel wants one of the two answers.
        ulong twice = NextRequest();
        ulong wanted = Open(twice | (isFirstResent ? 1UL << 63 : 0));
        _files.Withdraw(At(twice, Node), Open(twice | (isFirstResent ? 0 : 1UL << 63)));
        Assert.Equal("render 2", Read(wanted, 0));
        Assert.Equal("er 2", Read(wanted, 4));
        Assert.Equal(2, _files.OpenFiles);
    }

    [Fact]
    public void An_OPEN_that_is_executed_once_more_is_one_open_file()
    {
        ulong request = NextRequest();
        ulong handle = Open(request);
        Assert.Equal("render 1", Read(handle, 0));
        Assert.Equal(handle, Open(request | (1UL << 63)));
        _files = Start();
        Assert.Equal(handle, Open(request));
        Assert.Equal(1, _files.OpenFiles);
        Assert.Equal("render 1"[3..], Read(handle, 3));

        // The same file by another OPEN, and another file by a number that was used in vain, are other open files.
        Assert.NotEqual(handle, Open());
        Assert.NotEqual(handle, Open(request - 1));
        Assert.NotEqual(handle, Open(request, OtherNode));
        Assert.Equal(4, _files.OpenFiles);
    }

    [Fact]
    public void A_text_that_was_not_finished_is_nobodys()
    {
        ulong handle = Open();
        Assert.Equal("render 1", Read(handle, 0));
        SnapshotTable table = Table();
        table.Entry(0)->RenderedFor = 0;
        "rotten"u8.CopyTo(new Span<byte>(table.Text(0), 6));
        _files = Start();
        Assert.Equal("nder 2", Read(handle, 2));
        Assert.Equal("render 2", Read(handle, 0, _lastRequest));
    }

    [Fact]
    public void A_handle_of_another_file_is_unknown()
    {
        ulong handle = Open();
        Assert.Equal("render 1", Read(handle, 0));
        Assert.Equal("render 2", Read(handle, 0, node: OtherNode));
        Assert.Equal("nder 1", Read(handle, 2));
    }

    [Fact]
    public void A_file_is_closed_once_whichever_daemon_it_was_opened_by()
    {
        (ulong one, ulong other) = (Open(), Open());
        _files = Start();
        Assert.Equal(2, _files.OpenFiles);
        Release(one);
        Release(one);
        Assert.Equal(1, _files.OpenFiles);
        _files = Start();
        Assert.Equal(1, _files.OpenFiles);
        Release(one);
        Assert.Equal("render 1", Read(other, 0));
        Assert.Equal(1, _files.OpenFiles);
    }

    [Fact]
    public void No_handle_comes_a_second_time_however_many_daemons_there_were()
    {
        HashSet<ulong> seen = [];
        for (int daemon = 0; daemon < 20; daemon++)
        {
            for (int i = 0; i < 20; i++)
            {
                ulong handle = Open();
                Assert.True(seen.Add(handle));
                if (i % 2 == 0)
                {
                    Release(handle);
                }
            }

            _files = Start();
        }

        Assert.Equal(200, _files.OpenFiles);
    }

    [Fact]
    public void A_full_table_gives_the_oldest_away_also_if_it_is_an_earlier_daemons()
    {
        List<ulong> handles = [.. Enumerable.Range(0, Entries).Select(_ => Open())];
        Release(handles[3]);
        handles[3] = Open();
        _files = Start();
        foreach (ulong handle in handles)
        {
            Read(handle, 0);
        }

        Open();
        Open();
        Assert.Equal(Entries, _files.OpenFiles);
        Assert.StartsWith("render ", Read(handles[0], 0), StringComparison.Ordinal);
        int before = _source.Count;
        Read(handles[0], 1);
        Read(handles[1], 1);
        Assert.Equal(before + 2, _source.Count);
        Read(handles[2], 1);
        Read(handles[3], 1);
        Read(handles[^1], 1);
        Assert.Equal(before + 2, _source.Count);
    }

    [Fact]
    public void A_text_that_is_too_long_for_the_table_is_made_for_each_READ()
    {
        string padding = new('x', SnapshotTable.LongestText);
        ulong handle = Open();
        Assert.Equal("render 1", Read(handle, 0));
        _source.Padding = padding;
        Assert.Equal("render 2" + padding, Read(handle, 0));
        Assert.Equal(("render 3" + padding)[5..], Read(handle, 5)); // not the short one's rest
        _files = Start();
        Assert.Equal(("render 4" + padding)[5..], Read(handle, 5));
        _source.Padding = "";
        Assert.Equal("render 5", Read(handle, 0));
        Assert.Equal("nder 5", Read(handle, 2));
    }

    [Theory]
    [InlineData(SnapshotTable.LongestText - 8)]
    [InlineData(SnapshotTable.LongestText - 9)]
    public void A_text_that_just_fits_is_kept(int padding)
    {
        _source.Padding = new string('x', padding);
        ulong handle = Open();
        Assert.Equal("render 1" + _source.Padding, Read(handle, 0));
        _files = Start();
        Assert.Equal(_source.Padding, Read(handle, 8));
    }

    [Theory]
    [InlineData(50_000, 66 * 16)] // 64 texts are kept for the next readers
    [InlineData(200_000, (HandleTable.MostPages / 8) + 16)] // so many of them as take little
    public void The_memory_of_a_peak_goes_back(int padding, int pagesKept)
    {
        _source.Padding = new string('x', padding);
        long[] used = new long[3];
        for (int round = 0; round < used.Length; round++)
        {
            List<ulong> handles = [.. Enumerable.Range(0, Entries).Select(_ => Open())];
            handles.ForEach(handle => Read(handle, 0));
            Assert.InRange(Used(), Entries * (long)padding, Entries * (padding + 20_000L));
            handles.ForEach(Release);
            Assert.Equal(0, _files.OpenFiles);
            used[round] = Used();
            if (round == 1)
            {
                _files = Start();
            }
        }

        Assert.All(used, bytes => Assert.InRange(bytes, 1, pagesKept * (long)Page));
    }

    [Fact]
    public void All_texts_together_have_a_bound_and_the_oldest_open_files_lose_theirs()
    {
        const int Fit = 64;
        _source.Padding = new string('x', SnapshotTable.LongestText - 12);
        List<ulong> handles = [.. Enumerable.Range(0, 100).Select(_ => Open())];
        foreach (ulong handle in handles)
        {
            Read(handle, 0);
            Assert.InRange(Used(), 0, MostMemory);
        }

        AssertGoOn(handles, from: 100 - Fit);

        // Also with the next daemon, which counts what it finds.
        _files = Start();
        AssertGoOn(handles, from: 100 - Fit);
        ulong young = Open();
        Read(young, 0);
        AssertGoOn(handles, from: 101 - Fit);
        Assert.InRange(Used(), MostMemory - SnapshotTable.LongestText, MostMemory);

        // Whoever lost a text gets a new one, and goes on in that; it is still the oldest.
        ulong first = handles[0];
        Assert.StartsWith("render 102x", Read(first, 0), StringComparison.Ordinal);
        Assert.StartsWith("er 102x", Read(first, 4), StringComparison.Ordinal);
        AssertGoOn(handles, from: 102 - Fit);
        Assert.InRange(Used(), MostMemory - SnapshotTable.LongestText, MostMemory);
        handles.ForEach(Release);
        Release(young);
        Assert.InRange(Used(), 0, MostMemory / 8 + (16 * Page));
    }

    [Fact]
    public void A_place_that_is_used_again_is_as_young_as_the_file_that_uses_it()
    {
        ulong first = Open();
        Assert.Equal("render 1", Read(first, 0)); // one page, which the place keeps
        _source.Padding = new string('x', SnapshotTable.LongestText - 12);
        List<ulong> others = [.. Enumerable.Range(0, 63).Select(_ => Open())];
        others.ForEach(handle => Read(handle, 0));
        Release(first);
        _source.Padding = "";
        ulong second = Open();
        Assert.Equal((uint)first, (uint)second);
        Assert.Equal("render 65", Read(second, 0));
        _source.Padding = new string('x', SnapshotTable.LongestText - 12);
        Read(Open(), 0);
        int before = _source.Count;
        Assert.Equal("er 65", Read(second, 4));
        Read(others[1], 4);
        Assert.Equal(before, _source.Count);
        Read(others[0], 4);
        Assert.Equal(before + 1, _source.Count);
    }

    [Fact]
    public void Nobody_waits_while_a_text_is_made_and_it_is_kept_then()
    {
        Source other = new() { Padding = new string('x', SnapshotTable.LongestText - 12) };
        SnapshotTable table = Table();
        _files = new ProcFileSystem(new ServedTree(_ => 4096, NoContainers.Instance), 2, table, worker => worker == 0 ? _source : other);
        _source.Padding = new string('y', 3 * Page);
        ulong handle = Open();
        Read(handle, 0);
        bool isDone = false;
        Thread reader = new(() =>
        {
            byte[] text = new byte[10];
            for (int i = 0; i < 70; i++)
            {
                _files.Open(new RequestContext(NextRequest(), Node, 1, 0, 0, 1), 0, out OpenReply opened);
                _files.Read(new RequestContext(NextRequest(), Node, 1, 0, 0, 1), opened.Handle, 0, text, out _);
            }
        });
        _source.WhileRendering = () =>
        {
            reader.Start();
            isDone = reader.Join(TimeSpan.FromSeconds(20));
        };
        string text = Read(handle, 0);
        _source.WhileRendering = null;
        Assert.True(isDone, "a reader waits for another one's text");
        Assert.Equal((4, HandleTable.GenerationOf(handle)), (table.Entry((int)(uint)handle)->Pages, table.Entry((int)(uint)handle)->RenderedFor));
        Assert.Equal(text[2..], Read(handle, 2));
        Assert.InRange(Used(), MostMemory - (2 * SnapshotTable.LongestText), MostMemory);
    }

    [Fact]
    public void Readers_that_take_each_others_texts_away_never_see_two_moments()
    {
        const int Threads = 4;
        Source[] sources = [.. Enumerable.Range(0, Threads).Select(_ => new Source { IsFilled = true })];
        _files = new ProcFileSystem(new ServedTree(_ => 4096, NoContainers.Instance), Threads, Table(), worker => sources[worker]);
        int taken = 0;
        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, worker =>
        {
            Random random = new(worker);
            byte[] text = new byte[SnapshotTable.LongestText];
            ulong Next() => Interlocked.Add(ref _lastRequest, 2);
            RequestContext As() => new(Next(), Node, 1, 0, 0, worker);
            List<ulong> open = [];
            for (int round = 0; round < 400; round++)
            {
                _files.Open(As(), 0, out OpenReply opened);
                open.Add(opened.Handle);
                sources[worker].Length = random.Next(1, SnapshotTable.LongestText);
                _files.Read(As(), opened.Handle, 0, text, out int length);
                Assert.Equal(sources[worker].Length, length);
                ulong handle = open[random.Next(open.Count)];
                int before = sources[worker].Count;
                _files.Read(As(), handle, 0, text.AsSpan(0, 1), out int one);
                _files.Read(As(), handle, 1, text.AsSpan(1), out length);
                taken += sources[worker].Count - before > 1 ? 1 : 0;
                if (sources[worker].Count - before == 1)
                {
                    Assert.Equal(1, one);
                    Assert.Equal(-1, text.AsSpan(0, length + 1).IndexOfAnyExcept(text[0]));
                }

                if (open.Count > 40)
                {
                    int closed = random.Next(open.Count);
                    _files.Release(As(), open[closed]);
                    open.RemoveAt(closed);
                }
            }

            open.ForEach(handle => _files.Release(As(), handle));
        });
        Assert.Equal(0, _files.OpenFiles);
        Assert.InRange(Used(), 1, (MostMemory / 8) + SnapshotTable.LongestText);
        Assert.InRange(taken, 0, 100); // only the oldest lose theirs
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(SnapshotTable.MostEntries)]
    public void A_large_table_takes_little_memory_in_a_journal(int entries)
    {
        using Journal journal = Journal.Create("/mnt", SnapshotTable.Version, SnapshotTable.BytesFor(entries));
        SnapshotTable table = SnapshotTable.Open(journal.Application, journal.ApplicationLength, entries, out string? defect)!;
        Assert.Null(defect);
        Assert.Equal(entries, table.Count);
        _files = new ProcFileSystem(new ServedTree(_ => 4096, NoContainers.Instance), 1, table, _ => _source);
        List<ulong> handles = [.. Enumerable.Range(0, entries).Select(_ => Open())];
        Assert.Equal("render 1", Read(handles[^1], 0));
        _files = new ProcFileSystem(
            new ServedTree(_ => 4096, NoContainers.Instance), 1, SnapshotTable.Open(journal.Application, journal.ApplicationLength, 1, out defect)!, _ => _source);
        Assert.Null(defect);
        Assert.Equal(entries, _files.OpenFiles);
        Assert.Equal("er 1", Read(handles[^1], 4));
        Assert.True(Interop.Libc.Statx(journal.Number, "\0"u8, Interop.Libc.AT_EMPTY_PATH, Interop.Libc.STATX_BASIC_STATS, out Interop.Libc.StatxBuffer status) >= 0);
        Assert.InRange((long)status.Blocks * 512, 1, (entries * (long)sizeof(Snapshot)) + (256 * 1024));
    }

    [Fact]
    public void What_a_daemon_left_behind_when_it_died_while_closing_goes_back()
    {
        _source.Padding = new string('x', 50_000);
        List<ulong> handles = [.. Enumerable.Range(0, Entries).Select(_ => Open())];
        handles.ForEach(handle => Read(handle, 0));
        SnapshotTable table = Table();
        for (int i = 0; i < Entries; i++)
        {
            table.Entry(i)->Generation = i == 200 ? table.Entry(i)->Generation : 0;
        }

        _files = Start();
        Assert.Equal(1, _files.OpenFiles);
        Assert.InRange(Used(), 1, 67 * 16 * Page);
        Assert.Equal("201" + _source.Padding, Read(handles[200], 7));
    }

    [Fact]
    public void The_number_of_entries_is_the_one_that_was_found()
    {
        ulong handle = Open();
        Assert.Equal("render 1", Read(handle, 0));
        SnapshotTable found = SnapshotTable.Open(_memory.Start, _memory.Length, 16, out string? defect)!;
        Assert.Null(defect);
        Assert.Equal(Entries, found.Count);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(16, 16)]
    [InlineData(255, 255)]
    [InlineData(256, 256)]
    [InlineData(5000, 256)]
    public void A_new_table_has_as_many_entries_as_fit(int wanted, int got)
    {
        _memory.Bytes[..4096].Clear();
        SnapshotTable made = SnapshotTable.Open(_memory.Start, _memory.Length, wanted, out string? defect)!;
        Assert.Null(defect);
        Assert.Equal(got, made.Count);
        Assert.True(SnapshotTable.BytesFor(got) <= _memory.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => (int)made.Text(got)[0]);
    }

    [Fact]
    public void Memory_that_is_too_small_is_no_table()
    {
        Assert.Null(SnapshotTable.Open(_memory.Start, SnapshotTable.BytesFor(1) - 1, 16, out string? defect));
        Assert.NotNull(defect);
        Assert.NotNull(SnapshotTable.Open(_memory.Start + SnapshotTable.BytesFor(16), SnapshotTable.BytesFor(1), 16, out _));
    }

    [Theory]
    [InlineData(0, "not a table of open files")]
    [InlineData(9, "table version 257, this program knows 1")]
    [InlineData(15, "a table of 16777472 open files does not fit into")]
    public void A_table_that_cannot_be_used_is_made_anew(int changedByte, string said)
    {
        ulong handle = Open();
        Read(handle, 0);
        _memory.Bytes[changedByte]++;
        SnapshotTable table = SnapshotTable.Open(_memory.Start, _memory.Length, Entries, out string? defect)!;
        Assert.StartsWith(said, defect, StringComparison.Ordinal);
        Assert.Equal(Entries, table.Count);
        _files = new ProcFileSystem(new ServedTree(_ => 4096, NoContainers.Instance), 1, table, _ => _source);
        Assert.Equal(0, _files.OpenFiles);
        Assert.Equal("render 2", Read(handle, 0));
        Assert.InRange(Used(), 1, 32 * Page);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(4096)]
    public void Rubbish_is_survived_and_reads_are_answered(int from)
    {
        int end = 4096 + (Entries * sizeof(Snapshot));
        for (int seed = 1; seed <= 40; seed++)
        {
            Random random = new(seed);
            _memory.Bytes[..4096].Clear();
            _files = Start();
            List<ulong> handles = [.. Enumerable.Range(0, Entries).Select(_ => Open())];
            handles.ForEach(handle => Read(handle, 0));
            if (seed % 2 == 0)
            {
                random.NextBytes(_memory.Bytes[from..end]);
            }
            else
            {
                for (int changes = random.Next(1, 1000); changes > 0; changes--)
                {
                    _memory.Bytes[random.Next(from, end)] = (byte)random.Next(256);
                }
            }

            _files = Start();
            Assert.InRange(_files.OpenFiles, 0, Entries);
            handles.AddRange(Enumerable.Range(0, Entries).Select(i => ((ulong)Table().Entry(i)->Generation << 32) | (uint)i));
            foreach (ulong handle in handles)
            {
                byte[] text = new byte[Page];
                Assert.Equal(FuseErrno.None, _files.Read(At(NextRequest(), Node), handle, random.Next(9), text, out _));
                Snapshot* entry = Table().Entry((int)(uint)handle);
                bool isLater = entry->RenderedFor == HandleTable.GenerationOf(handle) && entry->RenderedBy > _lastRequest;
                Assert.Equal(FuseErrno.None, _files.Read(At(NextRequest(), Node), handle, 0, text, out int length));
                Assert.True(isLater || Encoding.ASCII.GetString(text, 0, length).StartsWith("render ", StringComparison.Ordinal));
                Release(handle);
            }

            Assert.InRange(_files.OpenFiles, 0, Entries);
            for (int i = 0; i < Entries; i++)
            {
                Assert.StartsWith("render ", Read(Open(), 0), StringComparison.Ordinal);
            }

            Assert.InRange(_files.OpenFiles, 1, Entries);
        }
    }

    [Theory]
    [InlineData(1, 100)]
    [InlineData(SnapshotTable.LongestText - 10, 3)] // more than is kept at once
    public void Opening_reading_and_closing_allocates_nothing(int padding, int cycles)
    {
        byte[] text = new byte[100];
        void Cycle(int files)
        {
            Span<ulong> handles = stackalloc ulong[100];
            for (int i = 0; i < files; i++)
            {
                _files.Open(At(NextRequest(), Node), 0, out OpenReply reply);
                handles[i] = reply.Handle;
                _files.Read(At(NextRequest(), Node), reply.Handle, 0, text, out _);
                _files.Read(At(NextRequest(), Node), reply.Handle, 4, text, out _);
            }

            for (int i = 0; i < files; i++)
            {
                _files.Release(At(NextRequest(), Node), handles[i]);
            }
        }

        _source.Padding = new string('!', padding);
        Cycle(100);
        Cycle(100);
        Allocated.AssertNone(() =>
        {
            for (int i = 0; i < cycles; i++)
            {
                Cycle(100);
            }
        });
    }

    private static RequestContext At(ulong request, ulong node) => new(request, node, 1, 0, 0, 0);

    private SnapshotTable Table() => SnapshotTable.Open(_memory.Start, _memory.Length, Entries, out _)!;

    /// <summary>The next daemon, which is asked from now on.</summary>
    private ProcFileSystem Start() => new(new ServedTree(_ => 4096, NoContainers.Instance), 1, Table(), _ => _source);

    private ulong NextRequest() => _lastRequest += 2;

    private ulong Open(ulong request = 0, ulong node = Node)
    {
        Assert.Equal(FuseErrno.None, _files.Open(At(request == 0 ? NextRequest() : request, node), 0, out OpenReply reply));
        return reply.Handle;
    }

    private string Read(ulong handle, long offset, ulong request = 0, ulong node = Node)
    {
        Assert.Equal(FuseErrno.None, _files.Read(At(request == 0 ? NextRequest() : request, node), handle, offset, _text, out int length));
        return Encoding.ASCII.GetString(_text, 0, length);
    }

    private void Release(ulong handle) => _files.Release(At(NextRequest(), Node), handle);

    /// <summary>Those from a number on are in the middle of their texts, those before would have to be given new ones.</summary>
    private void AssertGoOn(List<ulong> handles, int from)
    {
        int before = _source.Count;
        for (int i = from; i < handles.Count; i++)
        {
            Assert.StartsWith(FormattableString.Invariant($"er {i + 1}x"), Read(handles[i], 4), StringComparison.Ordinal);
        }

        Assert.Equal(before, _source.Count);
        SnapshotTable table = Table();
        for (int i = 1; i < from; i++)
        {
            Assert.Equal(0u, table.Entry((int)(uint)handles[i])->RenderedFor);
        }
    }

    /// <summary>How much memory the table takes, in bytes.</summary>
    private long Used()
    {
        Assert.True(Interop.Libc.Statx(Interop.Libc.AT_FDCWD, Interop.Libc.PathBytes(_memory.Path), 0, Interop.Libc.STATX_BASIC_STATS, out Interop.Libc.StatxBuffer status) >= 0);
        return (long)status.Blocks * 512;
    }

    private sealed class Source : ITextSource
    {
        private byte[] _padding = [];

        public int Count { get; private set; }

        /// <summary>Whether a text is one character, another one each time, so often as <see cref="Length"/> says.</summary>
        public bool IsFilled { get; init; }

        public int Length { get; set; }

        public Action? WhileRendering { get; set; }

        public string Padding
        {
            get => Encoding.ASCII.GetString(_padding);
            set => _padding = Encoding.ASCII.GetBytes(value);
        }

        public void Render(IProcFile file, ulong container, uint threadId, TextBuffer output)
        {
            WhileRendering?.Invoke();
            Count++;
            if (IsFilled)
            {
                Span<byte> filled = new byte[Length];
                filled.Fill((byte)('a' + (Count % 26)));
                output.Write(filled);
                return;
            }

            output.Write("render "u8);
            output.Write(Count);
            output.Write(_padding);
        }
    }
}
