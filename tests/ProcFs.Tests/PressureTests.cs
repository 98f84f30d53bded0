using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Containers;
using ProcFs.Files;
using ProcFs.Host;
using ProcFs.Serving;
using ProcFs.Text;

namespace ProcFs.Tests;

/// <summary>/proc/pressure: docs/fields/pressure.md.</summary>
public sealed class PressureTests
{
    private const string Own = "some avg10=1.53 avg60=0.87 avg300=0.31 total=4711\nfull avg10=0.21 avg60=0.00 avg300=0.00 total=42\n";
    private const string Zeros = "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";

    [Theory]
    [InlineData("cpu")]
    [InlineData("io")]
    [InlineData("memory")]
    [InlineData("irq")]
    public void The_text_of_the_containers_own_cgroup_is_shown_as_it_is(string resource)
    {
        using HostTree host = HostTree.V2().Cgroup("/c", (resource + ".pressure", Own));
        Assert.Equal(Own, host.Show("proc/pressure/" + resource));
    }

    [Fact]
    public void A_container_in_the_root_cgroup_has_the_hosts_lines_with_zeros()
    {
        using HostTree host = HostTree.V2();
        host.Process(10, 100000, "/", "pid:[4026532001]", "mnt:[4026532002]", namespacePid: 1);
        Assert.Equal(Zeros, host.ShowTo(10, "proc/pressure/cpu"));
        Assert.Equal("full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n", host.ShowTo(10, "proc/pressure/irq"));
    }

    [Theory]
    [InlineData("v1")] // has no v2 hierarchy at all
    [InlineData("v2")] // cgroup.pressure is 0: its files are gone
    public void A_cgroup_that_does_not_tell_has_zeros(string version)
    {
        using HostTree host = HostTree.Of(version).Cgroup("/c");
        Assert.Equal(Zeros, host.Show("proc/pressure/memory"));
    }

    [Fact]
    public void A_line_that_a_newer_kernel_adds_is_there_with_zeros()
    {
        using HostTree host = HostTree.V2().Cgroup("/c");
        host.Write("proc/pressure/cpu", "some avg10=1.00 total=7\nnone avg900=12.34 x=1 y\n");
        Assert.Equal("some avg10=0.00 total=0\nnone avg900=0.00 x=0 y\n", host.Show("proc/pressure/cpu"));
    }

    [Fact]
    public void A_process_of_the_host_sees_the_hosts()
    {
        using HostTree host = HostTree.V2().Cgroup("/user.slice", ("cpu.pressure", Own));
        host.Process(20, 5000, "/user.slice");
        Assert.Equal(HostTexts.Pressure, host.ShowTo(20, "proc/pressure/cpu"));
    }

    [Fact]
    public void A_host_without_it_serves_none_and_the_others_all_the_same()
    {
        using HostTree host = HostTree.V2();
        Directory.Delete(host.Path("proc/pressure"), recursive: true);
        using ViewService views = new(HostRoots.From(host.Path("proc"), host.Path("sys/fs/cgroup")), new ViewOptions(), 256, NullLogger.Instance);
        Assert.DoesNotContain(views.Served, entry => entry.File.Path.StartsWith("proc/pressure", StringComparison.Ordinal));
        Assert.Contains(views.Served, entry => entry.File.Path == "proc/meminfo");
    }

    [Fact]
    public void Irq_alone_can_be_missing()
    {
        using HostTree host = HostTree.V2();
        File.Delete(host.Path("proc/pressure/irq"));
        using ViewService views = new(HostRoots.From(host.Path("proc"), host.Path("sys/fs/cgroup")), new ViewOptions(), 256, NullLogger.Instance);
        Assert.Equal(["proc/pressure/cpu", "proc/pressure/io", "proc/pressure/memory"],
            views.Served.Select(entry => entry.File.Path).Where(path => path.StartsWith("proc/pressure", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("v2-6.12", "small", "cpu")]
    [InlineData("v2-6.12", "small", "memory")]
    [InlineData("v2-6.1", "cpuset", "cpu")]
    [InlineData("hybrid-6.18", "small", "io")]
    public void A_captured_container_shows_what_its_cgroup_said(string captured, string container, string resource)
    {
        string root = Path.Combine(Fixtures.Root, captured);
        string[] fields = File.ReadLines(Path.Combine(root, "containers.txt")).Select(line => line.Split(' ')).Single(line => line[0] == container);
        using ViewService views = new(HostRoots.From(Path.Combine(root, "proc"), Path.Combine(root, "sys/fs/cgroup")), new ViewOptions(), 256, NullLogger.Instance);
        TextBuffer output = new();
        views.CreateRenderer().Render(ProcFiles.Find("pressure/" + resource)!, 0, uint.Parse(fields[1], System.Globalization.CultureInfo.InvariantCulture), output);
        string unified = captured.StartsWith("v2", StringComparison.Ordinal) ? "" : "unified/";
        Assert.Equal(File.ReadAllText(Path.Combine(root, "sys/fs/cgroup", $"{unified}fix/{container}", resource + ".pressure")), Encoding.Latin1.GetString(output.Text));
    }
}
