using System.Globalization;

namespace ProcFs.Integration.Tests;

/// <summary>One container for all programs: they only look.</summary>
public sealed class ProgramBox(ServedTree tree) : IDisposable
{
    internal OciContainer Container { get; } = tree.Run(new() { Memory = 512 << 20, Quota = 100000 });

    public void Dispose() => Container.Dispose();
}

// /procfs-test-N
//   container-1        memory 512 MiB, quota 1 CPU
public sealed class Programs(ProgramBox box) : IClassFixture<ProgramBox>
{
    [Theory]
    [InlineData("free -m", @"^Mem: +512 ")]
    [InlineData("top -b -n1", @"(?s)up\s+\d+ min.*^%Cpu\(s\):.*^MiB Mem : +512\.0 total")]
    [InlineData("uptime", @"up\s+\d+ min")]
    [InlineData("vmstat", @"^( +\d+){17}$")]
    [InlineData("vmstat -s", @"^ +524288 K total memory$")]
    [InlineData("iostat", @"^avg-cpu: ")]
    [InlineData("iostat -c 1 2", @"(?s)avg-cpu.*avg-cpu")]
    [InlineData("mpstat", @" all ")]
    [InlineData("lscpu", @"^CPU\(s\): +1$")]
    [InlineData("getconf _NPROCESSORS_ONLN", @"^1$")]
    [InlineData("ps -eo pid,comm,lstart", @"^ +1 sleep +\w\w\w \w\w\w ")]
    [InlineData("swapon --show=NAME,SIZE", @"")]
    public void Programs_that_read_the_files_work_and_see_the_container(string command, string expected)
    {
        string text = box.Container.Exec(command.Split(' ')).Ok();

        Assert.Matches("(?m)" + expected, text);
    }

    [Fact]
    public void Python_counts_the_containers_CPUs()
    {
        Assert.Equal("1", box.Container.Python("import os; print(os.cpu_count())").Line());
    }

    [Fact]
    public void A_Java_virtual_machine_starts()
    {
        Output java = box.Container.ExecFor(Pace.Limit(30), "java", "-XX:+PrintFlagsFinal", "-version");

        Assert.Contains("MaxHeapSize", java.Ok(), StringComparison.Ordinal);
        Assert.Contains("openjdk version", java.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_script_that_gives_Java_half_of_MemTotal_gives_it_half_of_the_limit()
    {
        Output java = box.Container.ExecFor(Pace.Limit(30), "sh", "-c",
            """
            kb=$(awk '/^MemTotal:/ { print int($2 / 2) }' /proc/meminfo)
            exec java -Xmx${kb}k -XX:+PrintFlagsFinal -version
            """);

        Assert.Matches($@"MaxHeapSize\s+= {256 << 20}\s", java.Ok());
    }

    [Fact]
    public void A_DPDK_style_core_list_has_the_containers_cores_only()
    {
        // As poll-mode drivers choose the threads they pin: logical cores by (socket, core), from cpuinfo.
        string cores = box.Container.Python(
            """
            cores = {}
            for block in open('/proc/cpuinfo').read().strip().split('\n\n'):
                keys = dict(l.split(':', 1) for l in block.split('\n') if ':' in l)
                keys = {k.strip(): v.strip() for k, v in keys.items()}
                cores.setdefault((keys.get('physical id', '0'), keys.get('core id', '0')), []).append(int(keys['processor']))
            print(sorted(n for threads in cores.values() for n in threads), len(cores))
            """).Line();

        Assert.Equal("[0] 1", cores);
    }

    [Fact]
    public void An_uptime_is_the_containers_own()
    {
        double first = ProcText.Uptime(box.Container.Read("/proc/uptime"));
        Thread.Sleep(300);
        double second = ProcText.Uptime(box.Container.Read("/proc/uptime"));

        Assert.InRange(second - first, 0.3, Pace.Limit(10).TotalSeconds);
        // The container is younger than this process, and this process younger than the machine.
        double age = (DateTime.Now - System.Diagnostics.Process.GetCurrentProcess().StartTime).TotalSeconds;
        Assert.InRange(second, 0, age);
        string[] words = box.Container.Read("/proc/uptime").Trim().Split(' ');
        Assert.InRange(double.Parse(words[1], CultureInfo.InvariantCulture), 0, double.Parse(words[0], CultureInfo.InvariantCulture));
    }
}
