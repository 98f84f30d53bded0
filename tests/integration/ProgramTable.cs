using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace ProcFs.Integration.Tests;

/// <summary>
/// What programs show in one container, beside what is true of its cgroup. With PROCFS_WRITE_TABLE=1 the result is written to docs/compatibility.md, between the two
/// marks; else the programs of the table there must be the programs of this one.
/// </summary>
// /procfs-test-N
//   container-1        memory 256 MiB, quota 1 CPU; process 1 sleeps
public sealed class ProgramTable(ServedTree tree, ITestOutputHelper output)
{
    private const long Memory = 256 << 20;
    private const string Begin = "<!-- what programs show: written by the tests, with PROCFS_WRITE_TABLE=1 -->";
    private const string End = "<!-- the end of what the tests write -->";

    private static readonly Row[] Rows =
    [
        new("vmstat -s", "total memory", "vmstat -s", @"(?m)^ +(\d+) K total memory$", "262144"),
        new("vmstat -s", "pages swapped in", "vmstat -s", @"(?m)^ +(\d+) pages swapped in$", "0"),
        new("vmstat", "columns of the first line that are numbers", "vmstat | awk 'NR == 3 { print NF }'", @"^(\d+)$", "17"),
        new("top -b -n 1", "MiB Mem", "top -b -n 1", @"(?m)^MiB Mem : +([\d.]+) total", "256.0"),
        new("top -b -n 1", "load average: the container's own", "top -b -n 1", @"load average: (0\.\d\d|1\.\d\d), ", null, "below 2", "idle: near 0"),
        new("top -b -n 1", "tasks: its own", "top -b -n 1", @"(?m)^Tasks: +(\d+) total", null, "below 10", "three"),
        new("htop", "memory", Htop, @"Mem\[[^\]]*/(256M)\]", "256M"),
        new("htop", "CPUs: meters", Htop + " | grep -oE '^ *([0-9]+|CPU)\\[' | sort -u | wc -l", @"^(\d+)$", "1"),
        new("lscpu", "CPU(s)", "lscpu", @"(?m)^CPU\(s\): +(\d+)$", "1"),
        new("lscpu", "On-line CPU(s) list", "lscpu", @"(?m)^On-line CPU\(s\) list: +(\S+)$", "0"),
        new("getconf -a", "_NPROCESSORS_ONLN", "getconf -a", @"(?m)^_NPROCESSORS_ONLN +(\d+)$", "1"),
        new("getconf -a", "_NPROCESSORS_CONF", "getconf -a", @"(?m)^_NPROCESSORS_CONF +(\d+)$", "1"),
        new("getconf -a", "_PHYS_PAGES, by sysinfo(2)", "getconf -a", @"(?m)^_PHYS_PAGES +(\d+)$", null, "the host's", "65536, which no file can say"),
        new("mpstat -P ALL", "CPUs listed", "mpstat -P ALL | grep -cE '^[0-9:]+ +[0-9]+ '", @"^(\d+)$", "1"),
        new("sar -r 1 1", "kbmemfree + kbmemused, without what can be given back", "sar -r 1 1", @"(?m)^Average: +(\d+) ", null, "below 262144", "262144 in all"),
        new("sar -q 1 1", "ldavg-1: the container's own", "sar -q 1 1", @"(?m)^Average: +\d+ +\d+ +(0\.\d\d|1\.\d\d) ", null, "below 2", "idle: near 0"),
        new("sar -B 1 1", "fault/s and others", "sar -B 1 1", @"(?m)^Average: +[\d.]+ +[\d.]+ +([\d.]+) ", null, "a number", "the container's faults"),
        new("sar -u -P ALL 1 1", "CPUs listed", "sar -u -P ALL 1 1 | grep -cE '^Average: +[0-9]+ '", @"^(\d+)$", "1"),
        new("prometheus-node-exporter", "node_memory_MemTotal_bytes", Exporter, @"(?m)^node_memory_MemTotal_bytes (\S+)$", "2.68435456e+08"),
        new("prometheus-node-exporter", "CPUs in node_cpu_seconds_total", Exporter + " | grep -c '^node_cpu_seconds_total{cpu=.*mode=\"idle\"'", @"^(\d+)$", "1"),
        new("prometheus-node-exporter", "node_load1: the container's own", Exporter, @"(?m)^node_load1 ([01](\.\d+)?)$", null, "below 2", "idle: near 0"),
        new("prometheus-node-exporter", "node_vmstat_oom_kill", Exporter, @"(?m)^node_vmstat_oom_kill (\d+)$", "0"),
        new("python3-psutil", "virtual_memory().total", Psutil("psutil.virtual_memory().total"), @"^(\d+)$", "268435456"),
        new("python3-psutil", "cpu_count()", Psutil("psutil.cpu_count()"), @"^(\d+)$", "1"),
        new("python3-psutil", "getloadavg()[0], by sysinfo(2) of glibc", Psutil("psutil.getloadavg()[0]"), @"^(\d+\.\d+)$", null, "the host's", "idle, which no file can say"),
        new("python3-psutil", "len(cpu_times(percpu=True))", Psutil("len(psutil.cpu_times(percpu=True))"), @"^(\d+)$", "1"),
        new("python3-psutil", "swap_memory().sin", Psutil("psutil.swap_memory().sin"), @"^(\d+)$", "0"),
        new("java", "MaxHeapSize, by cgroup files where the container has them", Java("", "MaxHeapSize"), @"= (\d+) ", null, "a quarter of the limit, else of the host's", "not by a file of ours"),
        new("java", "MaxHeapSize of a script that gives it half of MemTotal", Java("-Xmx$(awk '/^MemTotal:/ { print int($2 / 2) }' /proc/meminfo)k", "MaxHeapSize"), @"= (\d+) ", "134217728"),
    ];

    // A terminal of 100 columns, a key to end it after a second, and the escape sequences taken out.
    private const string Htop =
        """
        python3 -c '
        import os, pty, re, select, struct, fcntl, termios, time, signal
        pid, fd = pty.fork()
        if pid == 0:
            os.environ.update(TERM="xterm", HOME="/tmp", COLUMNS="100", LINES="30")
            os.execvp("htop", ["htop", "--no-color", "-d", "5"])
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        text, end = b"", time.monotonic() + 20
        while time.monotonic() < end:
            try: text += os.read(fd, 65536) if select.select([fd], [], [], 0.1)[0] else b""
            except OSError: break
            if b"Mem" in text: end = min(end, time.monotonic() + 2)
        os.kill(pid, signal.SIGKILL)
        text = re.sub(rb"\x1b\[\d*;?\d*H", b"\n", text)
        text = re.sub(rb"\x1b\[(\d*)d", b"\n", text)
        text = re.sub(rb"\x1b\[(\d+)C", lambda m: b" " * int(m[1]), text)
        print(re.sub(rb"\x1b[\[(][0-9;?]*[A-Za-z]", b"", text).decode(errors="replace").replace("\r", "\n"))
        '
        """;

    private const string Exporter =
        """
        python3 -c '
        import subprocess, time, urllib.request
        exporter = subprocess.Popen(["prometheus-node-exporter", "--web.listen-address=127.0.0.1:39100", "--collector.disable-defaults", "--collector.meminfo", "--collector.cpu", "--collector.loadavg", "--collector.vmstat", "--collector.stat"], stderr=subprocess.DEVNULL)
        try:
            for n in range(100):
                try: print(urllib.request.urlopen("http://127.0.0.1:39100/metrics", timeout=5).read().decode()); break
                except OSError: time.sleep(0.1)
        finally: exporter.kill()
        '
        """;

    [Fact]
    public void Programs_show_the_container_and_the_table_says_what_they_show()
    {
        using OciContainer container = tree.RunHooked(Hooked.With(new() { Memory = Memory, Quota = 100000, Change = AddTerminals }, tree.RunDirectory));
        StringBuilder table = new();
        table.Append(CultureInfo.InvariantCulture, $"| program | what | shows | the cgroup's truth |\n|---|---|---|---|\n");
        List<string> missing = [], wrong = [];
        foreach (IGrouping<string, Row> program in Rows.GroupBy(row => row.Program))
        {
            if (!IsInstalled(program.Key))
            {
                missing.Add(program.Key);
                continue;
            }

            foreach (Row row in program)
            {
                Output shown = container.ExecFor(Pace.Limit(40), "sh", "-c", row.Command);
                System.Text.RegularExpressions.Match match = System.Text.RegularExpressions.Regex.Match(shown.Out, row.Pattern);
                string value = match.Success ? match.Groups[1].Value : "?";
                output.WriteLine($"{row.Program}: {row.What}: {value}");
                if (!match.Success || (row.Truth is { } truth && truth != value))
                {
                    wrong.Add($"{row.Program}: {row.What}: {value}, not {row.Truth ?? row.Shows}\n{Start(shown.Out)}\n{Start(shown.Error)}");
                }

                table.Append(CultureInfo.InvariantCulture, $"| `{row.Program}` | {row.What} | {row.Truth ?? row.Shows} | {row.Truth ?? row.Real} |\n");
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));
        if (Environment.GetEnvironmentVariable("PROCFS_WRITE_TABLE") == "1")
        {
            Assert.True(missing.Count == 0, $"not installed: {string.Join(", ", missing)}; install them, or the table would lack them");
            Write(table.ToString());
        }

        string[] documented = [.. Section().Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('`')[1]).Distinct()];
        Assert.Equal(Rows.Select(row => row.Program).Distinct(), documented);
        Assert.SkipWhen(missing.Count > 0, $"right but for what is not installed here: {string.Join(", ", missing)}");
    }

    private static string Document { get; } = Path.Combine(Daemon.Repository, "docs/compatibility.md");

    private static string Start(string text) => text[..Math.Min(2000, text.Length)];

    private static string Java(string options, string flag) => $"java {options} -XX:+PrintFlagsFinal -version 2>/dev/null | grep ' {flag} '";

    private static string Psutil(string expression) => $"python3 -c 'import psutil; print({expression})'";

    private static bool IsInstalled(string program) => program.StartsWith("python3-", StringComparison.Ordinal)
        ? Child.Run("/usr/bin/python3", "-c", $"import {program["python3-".Length..]}").ExitCode == 0
        : Child.Run("sh", "-c", "command -v \"$1\"", "sh", program.Split(' ')[0]).ExitCode == 0;

    /// <summary>htop wants one.</summary>
    private static void AddTerminals(JsonObject config) => config["mounts"]!.AsArray().Add((JsonNode)new JsonObject
    {
        ["destination"] = "/dev/pts",
        ["type"] = "devpts",
        ["source"] = "devpts",
        ["options"] = Hooked.Words("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"),
    });

    private static string Section()
    {
        string text = File.ReadAllText(Document);
        (int begin, int end) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        Assert.True(begin >= 0 && end > begin, $"{Document} lacks the marks of the table");
        return text[(begin + Begin.Length)..end];
    }

    private static void Write(string table)
    {
        string text = File.ReadAllText(Document);
        File.WriteAllText(Document, text.Replace(Section(), $"\n\n{table}\n", StringComparison.Ordinal));
    }

    /// <param name="Program">As the table names it.</param>
    /// <param name="What">Of what it shows.</param>
    /// <param name="Command">For a shell in the container.</param>
    /// <param name="Pattern">Its first group is the value.</param>
    /// <param name="Truth">What it must be; null: it moves, and the pattern alone says what it may be.</param>
    /// <param name="Shows">For a value that moves: what the table says that it shows.</param>
    /// <param name="Real">And what is true of the cgroup.</param>
    private sealed record Row(string Program, string What, string Command, string Pattern, string? Truth, string Shows = "", string Real = "");
}
