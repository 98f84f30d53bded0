using ProcFs.Containers;
using ProcFs.Files;
using ProcFs.Registration;

namespace ProcFs.Tests;

/// <summary>What the daemon does not do again: a text of the last moment, a look at a thread it knows, a file that goes by the CPUs alone.</summary>
public sealed class ReuseTests
{
    private const long Millisecond = 1_000_000;
    private static readonly Reuse Texts = new(10 * Millisecond, 0);
    private static readonly Reuse Callers = new(0, 250 * Millisecond);

    [Fact]
    public void A_text_serves_for_ten_milliseconds_and_for_all_workers()
    {
        using HostTree host = Limited("536870912");
        using Daemonless daemon = new(host, reuse: Texts);
        string first = daemon.NewWorker().ShowTo(10, "meminfo");
        Limit(host, "268435456");

        daemon.Clock.NowNs += (10 * Millisecond) - 1;
        Assert.Equal(first, daemon.NewWorker().ShowTo(10, "meminfo"));
        daemon.Clock.NowNs += 1;
        Assert.Equal(262144, Lines.Meminfo(daemon.NewWorker().ShowTo(10, "meminfo"), "MemTotal"));
    }

    [Fact]
    public void By_default_every_read_is_fresh()
    {
        using HostTree host = Limited("536870912");
        using Daemonless daemon = new(host);
        Daemonless.Worker worker = daemon.NewWorker();
        worker.ShowTo(10, "meminfo");
        Limit(host, "268435456");
        Assert.Equal(262144, Lines.Meminfo(worker.ShowTo(10, "meminfo"), "MemTotal"));
    }

    [Fact]
    public void A_text_is_nobody_elses()
    {
        using HostTree host = Limited("536870912").Cgroup("/d", ("memory.max", "134217728"), ("memory.current", "4096"), ("memory.stat", "file 0"))
            .Process(20, 100, "/d", "pid:[4026532101]", "mnt:[4026532102]", namespacePid: 1).WriteProcs("/d", "20\n");
        using Daemonless daemon = new(host, reuse: Texts);
        Daemonless.Worker worker = daemon.NewWorker();
        Assert.Equal(524288, Lines.Meminfo(worker.ShowTo(10, "meminfo"), "MemTotal"));
        Assert.Equal(131072, Lines.Meminfo(worker.ShowTo(20, "meminfo"), "MemTotal"));
        // A process of the host, in the same cgroup as the container.
        host.Process(30, 100, "/c");
        Assert.NotEqual(worker.ShowTo(10, "stat"), worker.ShowTo(30, "stat"));
        Assert.NotEqual(worker.ShowTo(10, "stat"), worker.ShowTo(10, "meminfo"));
    }

    // Which of two that were made at the same time is newer nobody knows: the first that is finished is everybody's.
    [Fact]
    public void Of_two_texts_that_are_made_at_the_same_time_all_get_the_one_that_is_finished_first()
    {
        using HostTree host = Limited("536870912");
        using Daemonless daemon = new(host);
        CallerView view = daemon.NewView();
        IProcFile file = ProcFiles.Find("stat")!;
        Serving.RenderedTexts texts = new(10 * Millisecond);
        Text.TextBuffer first = Begin(out long firstTurn);
        Text.TextBuffer second = Begin(out long secondTurn);
        first.Write("first"u8);
        second.Write("second"u8);
        texts.Finish(file, view, secondTurn, 2, second, 0);
        texts.Finish(file, view, firstTurn, 1, first, 0);
        Assert.Equal(("second", "second"), (Content(first), Content(second)));
        Text.TextBuffer third = new();
        Assert.True(texts.TryWrite(file, view, 3, third, out _));
        Assert.Equal("second", Content(third));

        // Another container's text takes the place meanwhile: ours goes out, and is not kept; nor is one that was begun before that.
        CallerView other = view;
        while (other.Container.Id % 16 != view.Container.Id % 16 || ReferenceEquals(other, view))
        {
            other = daemon.NewView();
        }

        long late = 20 * Millisecond;
        Assert.False(texts.TryWrite(file, view, late, new(), out long mine));
        Assert.False(texts.TryWrite(file, other, late, new(), out long others));
        Text.TextBuffer foreign = new();
        foreign.Write("foreign"u8);
        texts.Finish(file, other, others, late, foreign, 0);
        Text.TextBuffer fourth = new();
        fourth.Write("fourth"u8);
        texts.Finish(file, view, mine, late, fourth, 0);
        Assert.Equal("fourth", Content(fourth));
        Assert.False(texts.TryWrite(file, view, late, new(), out _));

        Text.TextBuffer Begin(out long turn)
        {
            Assert.False(texts.TryWrite(file, view, 1, new(), out turn));
            return new();
        }

        static string Content(Text.TextBuffer buffer) => System.Text.Encoding.ASCII.GetString(buffer.Text);
    }

    [Fact]
    public void Many_containers_share_the_places_and_none_gets_anothers_text()
    {
        using HostTree host = HostTree.V2();
        const int count = 600;
        for (int i = 0; i < count; i++)
        {
            host.Cgroup($"/c{i}", ("memory.max", $"{(i + 100) * 4096}"), ("memory.current", "4096"), ("memory.stat", "file 0"))
                .Process(1000 + i, 100, $"/c{i}", $"pid:[{4026533000 + i}]", $"mnt:[{4026534000 + i}]", namespacePid: 1);
        }

        using Daemonless daemon = new(host, reuse: Texts);
        Daemonless.Worker worker = daemon.NewWorker();
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < count; i++)
            {
                Assert.Equal((i + 100) * 4, Lines.Meminfo(worker.ShowTo(1000 + i, "meminfo"), "MemTotal"));
            }
        }
    }

    [Fact]
    public void A_thread_is_known_for_a_quarter_of_a_second()
    {
        using HostTree host = Limited("536870912").Cgroup("/d", ("memory.max", "134217728"), ("memory.current", "4096"), ("memory.stat", "file 0"));
        using Daemonless daemon = new(host, reuse: Callers);
        Daemonless.Worker worker = daemon.NewWorker();
        Assert.Equal(524288, Lines.Meminfo(worker.ShowTo(10, "meminfo"), "MemTotal"));

        // It moves.
        host.Process(10, 100, "/d", "pid:[4026532001]", "mnt:[4026532002]", namespacePid: 1).WriteProcs("/d", "10\n");
        daemon.Clock.NowNs += (250 * Millisecond) - 1;
        Assert.Equal(524288, Lines.Meminfo(worker.ShowTo(10, "meminfo"), "MemTotal"));
        daemon.Clock.NowNs += 1;
        Assert.Equal(131072, Lines.Meminfo(worker.ShowTo(10, "meminfo"), "MemTotal"));
    }

    [Fact]
    public void A_thread_that_has_ended_is_not_known_though_another_has_its_number()
    {
        using HostTree host = Limited("536870912").Cgroup("/d", ("memory.max", "134217728"), ("memory.current", "4096"), ("memory.stat", "file 0"));
        using Daemonless daemon = new(host, reuse: Callers);
        Daemonless.Worker worker = daemon.NewWorker();
        Assert.Equal(524288, Lines.Meminfo(worker.ShowTo(10, "meminfo"), "MemTotal"));

        Directory.Delete(host.Path("proc/10"), recursive: true);
        host.Process(10, 200, "/d", "pid:[4026532201]", "mnt:[4026532202]", namespacePid: 1).WriteProcs("/d", "10\n");
        Assert.Equal(131072, Lines.Meminfo(worker.ShowTo(10, "meminfo"), "MemTotal"));
    }

    [Fact]
    public void Threads_that_share_a_place_are_told_apart()
    {
        using HostTree host = Limited("536870912").Cgroup("/d", ("memory.max", "134217728"), ("memory.current", "4096"), ("memory.stat", "file 0"))
            .Process(10 + 64, 100, "/d", "pid:[4026532301]", "mnt:[4026532302]", namespacePid: 1).WriteProcs("/d", "74\n");
        using Daemonless daemon = new(host, reuse: Callers);
        Daemonless.Worker worker = daemon.NewWorker();
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(524288, Lines.Meminfo(worker.ShowTo(10, "meminfo"), "MemTotal"));
            Assert.Equal(131072, Lines.Meminfo(worker.ShowTo(74, "meminfo"), "MemTotal"));
        }
    }

    [Fact]
    public void Known_threads_hold_a_bounded_number_of_descriptors()
    {
        using HostTree host = Limited("536870912");
        const int count = 300;
        for (int i = 0; i < count; i++)
        {
            host.Process(1000 + i, 100, "/c", "pid:[4026532001]", "mnt:[4026532002]", namespacePid: 2 + i);
        }

        using Daemonless daemon = new(host, reuse: Callers);
        Daemonless.Worker worker = daemon.NewWorker();
        worker.ShowTo(10, "meminfo");
        for (int i = 0; i < count; i++)
        {
            worker.ShowTo(1000 + i, "meminfo");
        }

        string processes = host.Path("proc") + "/1";
        Assert.InRange(Directory.GetFileSystemEntries("/proc/self/fd").Count(fd => new FileInfo(fd).LinkTarget?.StartsWith(processes, StringComparison.Ordinal) == true), 1, 64 + 1);
    }

    [Fact]
    public void Cpuinfo_is_made_anew_when_the_cpus_change()
    {
        using HostTree host = Limited("536870912");
        using Daemonless daemon = new(host);
        Daemonless.Worker worker = daemon.NewWorker();
        string two = worker.ShowTo(10, "cpuinfo");
        Assert.Equal(2, Processors(two));
        Assert.Equal(two, daemon.NewWorker().ShowTo(10, "cpuinfo"));

        host.Write("sys/fs/cgroup/c/cpu.max", "250000 100000\n");
        Assert.Equal(3, Processors(worker.ShowTo(10, "cpuinfo")));
        host.Write("sys/fs/cgroup/c/cpu.max", "150000 100000\n");
        Assert.Equal(two, worker.ShowTo(10, "cpuinfo"));

        // Other CPUs, but as many.
        host.Write("sys/fs/cgroup/c/cpuset.cpus.effective", "2-3\n");
        string others = worker.ShowTo(10, "cpuinfo");
        Assert.Equal(2, Processors(others));
        Assert.NotEqual(two, others);
    }

    [Fact]
    public void An_opened_file_of_a_registered_container_is_made_in_advance()
    {
        using HostTree host = Limited("536870912");
        using Daemonless daemon = new(host, reuse: Texts);
        daemon.Registered.Add(new RegisteredContainer(7, new RegistrationKey("c", 10, 100000), _ => null));
        Daemonless.Worker worker = daemon.NewWorker();
        Assert.False(worker.Renderer.HasMore);
        worker.Renderer.Expect(ProcFiles.Find("meminfo")!, 7);
        Assert.True(worker.Renderer.HasMore);
        worker.Renderer.DoMore();
        Assert.False(worker.Renderer.HasMore);

        Limit(host, "268435456");
        Assert.Equal(524288, Lines.Meminfo(worker.ShowTo(0, "meminfo", container: 7), "MemTotal"));
        daemon.Clock.NowNs += 10 * Millisecond;
        Assert.Equal(262144, Lines.Meminfo(worker.ShowTo(0, "meminfo", container: 7), "MemTotal"));
    }

    [Fact]
    public void An_open_of_a_container_that_is_gone_leaves_nothing_behind()
    {
        using HostTree host = Limited("536870912");
        using Daemonless daemon = new(host, reuse: Texts);
        Daemonless.Worker worker = daemon.NewWorker();
        worker.Renderer.Expect(ProcFiles.Find("meminfo")!, 7);
        worker.Renderer.DoMore();
        Assert.False(worker.Renderer.HasMore);
    }

    private static HostTree Limited(string bytes) => HostTree.V2()
        .Cgroup("/c", ("memory.max", bytes), ("memory.current", "4096"), ("memory.stat", "file 0"), ("cpu.max", "150000 100000"),
            ("cpuset.cpus.effective", "0-3"), ("cpu.stat", "usage_usec 1000\nuser_usec 600\nsystem_usec 400"))
        .Process(10, 100000, "/c", "pid:[4026532001]", "mnt:[4026532002]", namespacePid: 1)
        .WriteProcs("/c", "10\n");

    private static int Processors(string cpuinfo) => cpuinfo.Split('\n').Count(line => line.StartsWith("processor\t:", StringComparison.Ordinal));

    private static void Limit(HostTree host, string bytes) => host.Write("sys/fs/cgroup/c/memory.max", bytes + "\n");
}
