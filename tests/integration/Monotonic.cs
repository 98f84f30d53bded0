namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        quota 1.5 CPUs; a busy loop and four readers
public sealed class Monotonic(ServedTree tree)
{
    private const string Reader =
        """
        import os, sys
        fd = os.open('/proc/stat', os.O_RDONLY)
        last = {}
        for n in range(int(sys.argv[1])):
            cpus = [l.split() for l in os.pread(fd, 65536, 0).decode().split('\n') if l.startswith('cpu')]
            now = {(c[0], i): int(v) for c in cpus for i, v in enumerate(c[1:])}
            for key, value in now.items():
                if value < last.get(key, 0): sys.exit(f'read {n}: {key} fell from {last[key]} to {value}')
            for i in range(10):
                parts = sum(int(c[1 + i]) for c in cpus[1:])
                if not 0 <= now['cpu', i] - parts < len(cpus): sys.exit(f'read {n}: field {i}: cpu {now["cpu", i]}, sum of the CPUs {parts}')
            last = now
        """;

    [Fact]
    public void No_counter_of_stat_ever_falls_and_the_sum_line_is_the_sum()
    {
        const string Busy = "while :; do :; done";
        using OciContainer container = tree.Run(new() { Quota = 150000, Command = ["sh", "-c", Busy] });
        int reads = Pace.Count(25000);

        Running[] readers = [.. Enumerable.Range(0, 4).Select(_ => container.Start("/usr/bin/python3", "-c", Reader, $"{reads}"))];

        try
        {
            Assert.All(readers, r => r.Finish(Pace.Limit(120)).Ok());
        }
        finally
        {
            Array.ForEach(readers, r => r.Dispose());
        }
    }
}
