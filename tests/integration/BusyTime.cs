using System.Globalization;

namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        quota 1.5 CPUs; more busy loops than that
public sealed class BusyTime(ServedTree tree)
{
    /// <summary>
    /// Samples stat, uptime and the cgroup's own usage together, twice. The descriptor 9 is the usage file, opened before the namespaces were
    /// entered; the reader itself is not in the container's cgroup, so it does not add to what it measures.
    /// </summary>
    private const string Sampler =
        """
        import os, sys, time
        stat = os.open('/proc/stat', os.O_RDONLY)
        def usage():
            text = os.pread(9, 4096, 0).decode().split()
            return int(text[0]) / 1e9 if text[0].isdigit() else int(text[1]) / 1e6
        def sample():
            while True:
                t0 = time.clock_gettime(time.CLOCK_BOOTTIME)
                used = usage()
                fields = [int(x) for x in os.pread(stat, 65536, 0).decode().split('\n')[0].split()[1:]]
                t1 = time.clock_gettime(time.CLOCK_BOOTTIME)
                # A sample that was interrupted between its two readings says nothing of either.
                if t1 - t0 < 0.02: return t0, used, fields[3], sum(fields[:3]) + sum(fields[5:8])
                time.sleep(0.05)
        a = sample()
        time.sleep(float(sys.argv[1]))
        b = sample()
        print(b[0] - a[0], b[1] - a[1], (b[2] - a[2]) / 100, (b[3] - a[3]) / 100)
        """;

    [Fact]
    public void Busy_time_in_stat_is_the_cgroups_own_usage_within_one_percent()
    {
        double capacity = Math.Min(1.5, Host.Cpus.Count);
        using OciContainer container = tree.Run(new()
        {
            Quota = 150000,
            Command = ["sh", "-c", "for i in 1 2 3; do while :; do :; done & done; wait"],
        });
        string usage = TestCgroup.FileOf(container.CgroupPath, "cpuacct", "cpuacct.usage", "cpu.stat");
        // Not shorter on a slow machine: the kernel lets a cgroup run ahead of its quota by part of a period, and that must be small
        // against the whole.
        const double seconds = 20;
        string[] command = ["sh", "-c", "exec 9<\"$1\"; shift; exec \"$@\"", "sh", usage,
            "nsenter", "--target", container.Pid.ToString(CultureInfo.InvariantCulture), "--mount", "--pid",
            "/usr/bin/python3", "-c", Sampler, seconds.ToString(CultureInfo.InvariantCulture)];
        double[] result = [.. Child.RunFor(Pace.Limit(60), command).Line().Split(' ').Select(w => double.Parse(w, CultureInfo.InvariantCulture))];
        (double elapsed, double used, double idle, double busy) = (result[0], result[1], result[2], result[3]);

        // The share of the capacity that stat says was busy, against the share that the kernel accounted.
        string message = $"{elapsed:0.00} s: used {used:0.00} s, stat says busy {busy:0.00} s, idle {idle:0.00} s";
        Assert.True(Math.Abs((busy / (busy + idle)) - (used / (capacity * elapsed))) < 0.01, message);
        // And no time is lost or invented: busy and idle together are the capacity.
        Assert.True(Math.Abs(busy + idle - (capacity * elapsed)) < 0.01 * capacity * elapsed + 0.1, message);
    }
}
