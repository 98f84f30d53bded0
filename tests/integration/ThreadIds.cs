using System.Globalization;

namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1..4     memory 64, 80, 96, 112 MiB: a value that names its owner
public sealed class ThreadIds(ServedTree tree)
{
    /// <summary>Threads and processes that live for one read each. Arguments: the value expected, the number of reads, seconds at the most.</summary>
    private const string Readers =
        """
        import os, sys, threading, time
        expected, goal, end = sys.argv[1], int(sys.argv[2]), time.monotonic() + float(sys.argv[3])
        reads, wrong = 0, set()
        def read():
            global reads
            with open('/proc/meminfo', 'rb', buffering=0) as f:
                value = f.read(65536).split()[1].decode()
            if value != expected: wrong.add(value)
            reads += 1
        while reads < goal and time.monotonic() < end:
            threads = [threading.Thread(target=read) for _ in range(8)]
            for t in threads: t.start()
            for t in threads: t.join()
            pid = os.fork()
            if pid == 0:
                read()
                os._exit(1 if wrong else 0)
            if os.waitpid(pid, 0)[1] != 0: wrong.add('a child saw another value')
            reads += 1
        print(reads, *wrong)
        """;

    [Fact]
    public void Short_lived_threads_with_recycled_ids_never_see_another_containers_value()
    {
        const string PidMax = "/proc/sys/kernel/pid_max";
        string usual = File.ReadAllText(PidMax);
        // Other processes of this host need numbers, too; an emulated machine has none, and makes threads slowly.
        int live = Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(d[6])).Sum(ThreadsOf);
        int few = Math.Max(400, live + Pace.Count(1000));
        int goal = few * Pace.Count(8); // in each of four containers: every number comes round many times
        List<OciContainer> containers = [];
        List<Running> readers = [];
        try
        {
            for (int i = 0; i < 4; i++)
            {
                containers.Add(tree.Run(new() { Memory = (64 + (16 * i)) << 20 }));
            }

            File.WriteAllText(PidMax, $"{few}");
            readers.AddRange(containers.Select((c, i) => c.Start(
                "/usr/bin/python3", "-c", Readers, $"{(64 + (16 * i)) << 10}", $"{goal}", "60")));
            string[][] words = [.. readers.Select(r => r.Finish(Pace.Limit(100)).Line().Split(' '))];

            Assert.All(words, w => Assert.Single(w));
            int reads = words.Sum(w => int.Parse(w[0], CultureInfo.InvariantCulture));
            Assert.True(reads > 2 * few, $"only {reads} threads: their ids, out of {few}, were not used again");
        }
        finally
        {
            File.WriteAllText(PidMax, usual);
            readers.ForEach(r => r.Dispose());
            containers.ForEach(c => c.Dispose());
        }
    }

    [Fact]
    public void Many_threads_of_one_container_each_get_a_whole_text()
    {
        using OciContainer container = tree.Run(new() { Memory = 64 << 20 });

        Assert.Equal("ok", container.Python(
            """
            import os, threading
            bad = []
            def read():
                for path in ('/proc/meminfo', '/proc/stat', '/proc/cpuinfo') * 10:
                    fd = os.open(path, os.O_RDONLY)
                    text = b''
                    while True:
                        part = os.read(fd, 100)
                        if not part: break
                        text += part
                    os.close(fd)
                    first = {'m': b'MemTotal:          65536 kB\n', 's': b'cpu  ', 'c': b'processor'}[path[6]]
                    if not text.startswith(first) or not text.endswith(b'\n') or b'\0' in text: bad.append(text)
            threads = [threading.Thread(target=read) for _ in range(32)]
            for t in threads: t.start()
            for t in threads: t.join()
            print('ok' if not bad else bad[0])
            """).Line());
    }

    private static int ThreadsOf(string process)
    {
        try
        {
            return Directory.GetDirectories(process + "/task").Length;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
