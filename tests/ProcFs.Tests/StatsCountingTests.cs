using ProcFs.Files;
using ProcFs.Fuse;
using ProcFs.Metrics;
using ProcFs.Text;
using ProcFs.Tree;

namespace ProcFs.Tests;

/// <summary>What is counted when a file is read.</summary>
public sealed class StatsCountingTests : IDisposable
{
    private const ushort Meminfo = 16;

    private readonly StatsFile _file = StatsFile.CreatePrivate();
    private readonly WorkerStats[] _workers;
    private readonly SnapshotTable _snapshots = SnapshotTable.CreatePrivate(2);
    private readonly Source _source = new();
    private readonly ProcFileSystem _files;
    private ulong _request = 1;

    public StatsCountingTests()
    {
        _workers = [new WorkerStats(_file, 0), new WorkerStats(_file, 1)];
        _files = new ProcFileSystem(
            new ServedTree(_ => 4096, NoContainers.Instance), 2, _snapshots, _ => _source, new PageCache(() => true, _ => { }), stats: _workers);
    }

    private StatsSnapshot Counts
    {
        get
        {
            StatsSnapshot counts = new();
            counts.Load(_file.Bytes);
            return counts;
        }
    }

    public void Dispose()
    {
        _snapshots.Dispose();
        _file.Dispose();
    }

    [Fact]
    public void A_read_counts_once_by_its_outcome_and_what_follows_in_the_same_text_by_another()
    {
        ulong handle = Open(Meminfo);
        Read(Meminfo, handle, 0);
        Read(Meminfo, handle, 6);
        Assert.Equal((1, 1, 1), (Reads(ReadOutcome.Made), Reads(ReadOutcome.Kept), Counts.Of(StatsEvent.CommonText)));
        foreach (ReadOutcome outcome in new[] { ReadOutcome.Reused, ReadOutcome.Shared, ReadOutcome.Host })
        {
            _source.LastOutcome = outcome;
            Read(Meminfo, handle, 0);
            Assert.Equal(1, Reads(outcome));
        }

        Assert.Equal(4, Counts.Of(StatsEvent.CommonText));
        Assert.Equal(0, Counts.Of(StatsEvent.OwnText));
    }

    [Fact]
    public void Workers_are_added_up()
    {
        Read(Meminfo, Open(Meminfo), 0, worker: 0);
        Read(Meminfo, Open(Meminfo), 0, worker: 1);
        Assert.Equal(2, Reads(ReadOutcome.Made));
    }

    [Fact]
    public void What_is_refused_is_no_text()
    {
        Assert.Equal(FuseErrno.EINVAL, _files.Read(new RequestContext(1, Meminfo, 1, 0, 0, 0, isForPageCache: true), 0, 0, new byte[8], out _));
        _source.Error = FuseErrno.EOPNOTSUPP;
        Assert.Equal(FuseErrno.EOPNOTSUPP, _files.Read(At(Meminfo, 0), Open(Meminfo), 0, new byte[8], out _));
        Assert.Equal((2, 0), (Reads(ReadOutcome.Refused), Counts.Of(StatsEvent.CommonText)));
    }

    [Fact]
    public void A_read_without_a_place_in_the_table_is_a_fallback()
    {
        Read(Meminfo, 0, 0);
        Assert.Equal((1, 1), (Reads(ReadOutcome.Made), Counts.Of(StatsEvent.OpenFileUnknown)));
    }

    [Fact]
    public void An_open_of_a_file_in_pages_counts_as_a_text_of_its_container()
    {
        ContainerStats containers = new(_file);
        containers.Add(7);
        ulong node = NodeId.Of(7, 17);
        _source.Still = new StillText("cpuinfo"u8.ToArray(), 1);
        _files.Open(At(node, 0), 0, out _);
        _files.Open(At(node, 0), 0, out OpenReply reply);
        Assert.Equal(OpenReplyFlags.KeepCache, reply.Flags);
        Assert.Equal((1, 1, 2), (Counts.Of(StatsEvent.PagesDropped), Counts.Of(StatsEvent.PagesKept), Counts.Of(StatsEvent.OwnText)));
        Assert.Equal(2, Counts.Container(7)!.Value.Reads);
    }

    [Fact]
    public void A_containers_reads_are_its_own_with_the_time_of_the_last()
    {
        ContainerStats containers = new(_file);
        containers.Add(3);
        containers.Add(4);
        RequestStats requests = new(_workers);
        requests.Received(0, 5_000_000_000);
        ulong node = NodeId.Of(3, Meminfo);
        ulong handle = Open(node);
        Read(node, handle, 0);
        Read(node, handle, 2);
        Assert.Equal((1, 5_000_000_000), (Counts.Container(3)!.Value.Reads, Counts.Container(3)!.Value.LastReadNs));
        Assert.Equal((0, 0), (Counts.Container(4)!.Value.Reads, Counts.Container(4)!.Value.LastReadNs));
        Assert.Equal(2, Counts.Header.Containers);
        Read(NodeId.Of(5, Meminfo), 0, 0); // has no place, and does not take anybody else's
        Assert.Equal(1, Counts.Container(3)!.Value.Reads);
        Assert.Null(Counts.Container(5));
    }

    [Fact]
    public void A_container_that_has_ended_makes_room_and_the_next_one_begins_at_zero()
    {
        ContainerStats containers = new(_file);
        containers.Add(1);
        Read(NodeId.Of(1, Meminfo), 0, 0);
        containers.Remove(1);
        Assert.Null(Counts.Container(1));
        containers.Add(1 + StatsLayout.Slots);
        Assert.Equal(0, Counts.Container(1 + StatsLayout.Slots)!.Value.Reads);
    }

    [Fact]
    public void Containers_whose_numbers_fall_together_have_places_side_by_side()
    {
        ContainerStats containers = new(_file);
        ulong[] numbers = [.. Enumerable.Range(0, 9).Select(i => 1UL + ((ulong)i * StatsLayout.Slots))];
        foreach (ulong number in numbers)
        {
            containers.Add(number);
        }

        Assert.All(numbers[..8], number => Assert.NotNull(Counts.Container(number)));
        Assert.Null(Counts.Container(numbers[8])); // is not counted, and known all the same
        Assert.Equal(9, Counts.Header.Containers);
        containers.Remove(numbers[8]);
        Assert.Equal(8, Counts.Header.Containers);
    }

    [Fact]
    public void The_next_daemon_keeps_the_places_of_those_that_it_knows()
    {
        ContainerStats first = new(_file);
        first.Add(1);
        first.Add(2);
        Read(NodeId.Of(1, Meminfo), 0, 0);
        Read(NodeId.Of(2, Meminfo), 0, 0);
        new ContainerStats(_file).Load([2, 3]);
        Assert.Null(Counts.Container(1));
        Assert.Equal((1, 0, 2), (Counts.Container(2)!.Value.Reads, Counts.Container(3)!.Value.Reads, Counts.Header.Containers));
    }

    [Fact]
    public void Reads_per_second_are_those_between_two_signs_of_life()
    {
        ContainerStats containers = new(_file);
        containers.Add(1);
        containers.Beat(10_000_000_000);
        for (int i = 0; i < 10; i++)
        {
            Read(NodeId.Of(1, Meminfo), 0, 0);
        }

        containers.Beat(14_000_000_000);
        Assert.Equal(2500, Counts.Container(1)!.Value.MilliRate);
        containers.Beat(15_000_000_000);
        Assert.Equal(0, Counts.Container(1)!.Value.MilliRate);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(10_000, 0)]
    [InlineData(10_001, 1)]
    [InlineData(1_000_000_000, 10)]
    [InlineData(1_000_000_001, 11)]
    [InlineData(-5, 0)]
    public void A_request_is_counted_in_the_bucket_that_it_fits(long ns, int bucket)
    {
        RequestStats requests = new(_workers);
        requests.Received(1, 1000);
        requests.Handled(1, 15, isError: false);
        requests.Answered(1, 15, 1000 + ns);
        Assert.Equal((1, 0), (Counts.Times(ofReads: true, bucket), Counts.Times(ofReads: false, bucket)));
        Assert.Equal(Math.Max(ns, 0), Counts.Times(ofReads: true, StatsLayout.SumOfTimes));
        Assert.Equal((1, 0), (Counts.Operations(15), Counts.Errors(15)));
        requests.Handled(1, 1, isError: true);
        Assert.Equal((1, 1), (Counts.Operations(1), Counts.Errors(1)));
    }

    [Fact]
    public void Counting_allocates_nothing()
    {
        ContainerStats containers = new(_file);
        containers.Add(1);
        RequestStats requests = new(_workers);
        ulong node = NodeId.Of(1, Meminfo);
        ulong handle = Open(node);
        byte[] text = new byte[64];
        Allocated.AssertNone(() =>
        {
            for (int i = 0; i < 2000; i++)
            {
                requests.Received(0, i);
                _files.Read(At(node, 0), handle, 0, text, out int _);
                requests.Handled(0, 15, isError: false);
                requests.Answered(0, 15, i + 100);
            }
        });
        Assert.True(Counts.Container(1)!.Value.Reads >= 2000);
    }

    private long Reads(ReadOutcome outcome) => Counts.Reads(StatsLayout.FileOf(Meminfo), outcome);

    private ulong Open(ulong node)
    {
        Assert.Equal(FuseErrno.None, _files.Open(At(node, 0), 0, out OpenReply reply));
        return reply.Handle;
    }

    private void Read(ulong node, ulong handle, long offset, int worker = 0)
        => Assert.Equal(FuseErrno.None, _files.Read(At(node, worker), handle, offset, new byte[64], out int _));

    private RequestContext At(ulong node, int worker) => new(_request += 2, node, 1, 0, 0, worker);

    private sealed class Source : ITextSource
    {
        public ReadOutcome LastOutcome { get; set; } = ReadOutcome.Made;

        public FuseErrno Error { get; set; }

        public StillText? Still { get; set; }

        public void Render(IProcFile file, ulong container, uint threadId, TextBuffer output) => output.Write("MemTotal: 1 kB\n"u8);

        public FuseErrno ErrorOf(IProcFile file) => Error;

        public StillText? FindStill(IProcFile file, ulong container) => file.GoesByCpusAlone ? Still : null;
    }
}
