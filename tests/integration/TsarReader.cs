using System.Globalization;

namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        memory 64 MiB, quota 1 CPU; busy, and touching memory
public sealed class TsarReader(ServedTree tree)
{
    // As an agent of the tsar kind reads: files are opened once, rewound and read again through a buffer of stdio, and parsed with fixed formats.
    private const string Agent =
        """
        import re, sys, time
        files = {name: open('/proc/' + name, 'rb', buffering=4096) for name in ('stat', 'cpuinfo', 'meminfo', 'loadavg', 'diskstats', 'vmstat')}

        def lines(name):
            file = files[name]
            file.seek(0)
            text = b''
            while True:                       # line by line, and so in pieces of the buffer
                line = file.readline()
                if not line: break
                text += line
            assert text.endswith(b'\n') or not text, (name, text[-100:])
            return text.decode().split('\n')[:-1]

        def numbers(text, count):
            found = [int(word) for word in text.split()[:count]]
            assert len(found) == count and all(0 <= n < 1 << 63 for n in found), text
            return found

        def snapshot():
            now = {}
            stat = lines('stat')
            total = [line for line in stat if line.startswith('cpu ')]
            assert len(total) == 1 and total[0].startswith('cpu  ') and total[0][5].isdigit(), total
            now['cpu'] = numbers(total[0][5:], 9)          # from the sixth byte on
            single = [line for line in stat if re.match(r'cpu\d+ ', line)]
            assert [int(line[3:].split()[0]) for line in single] == list(range(len(single))), single
            for line in single: now[line.split()[0]] = numbers(line.split(' ', 1)[1], 9)
            for key in ('ctxt', 'processes'):
                now[key] = numbers([line for line in stat if line.startswith(key + ' ')][0][len(key):], 1)
            processors = [line for line in lines('cpuinfo') if line.startswith('processor\t:')]
            assert len(processors) == len(single), (processors, single)

            load = re.fullmatch(r'(\d+)\.(\d+) (\d+)\.(\d+) (\d+)\.(\d+) (\d+)/(\d+) (\d+)', lines('loadavg')[0])
            assert load and len(load.groups()) == 9 and 1 <= int(load[7]) <= int(load[8]), lines('loadavg')

            memory = lines('meminfo')
            assert re.fullmatch(r'MemTotal: +\d+ kB', memory[0]), memory[0]
            for key in ('MemTotal:', 'MemFree:', 'Buffers:', 'Cached:', 'Active:', 'Inactive:', 'Slab:', 'SwapCached:', 'SwapTotal:', 'SwapFree:', 'Committed_AS:'):
                assert sum(line.startswith(key) for line in memory) == 1, key
                numbers([line for line in memory if line.startswith(key)][0][len(key):], 1)

            devices = lines('diskstats')
            assert len(devices) <= 64, len(devices)
            for line in devices:
                fields = line.split()
                assert len(fields) >= 14, line
                numbers(line.split(None, 3)[3], 11)
                now['disk ' + fields[2]] = [int(n) for n in fields[3:11]]

            paging = dict(line.split(' ') for line in lines('vmstat'))
            for key in ('pgpgin', 'pgpgout', 'pswpin', 'pswpout', 'pgfault', 'pgmajfault'): now[key] = numbers(paging[key], 1)
            return now

        last = first = snapshot()
        for n in range(int(sys.argv[1])):
            junk = bytearray(1 << 21)          # some faults, and some CPU time
            time.sleep(0.02)
            now = snapshot()
            for key in last:
                for i, (before, after) in enumerate(zip(last[key], now.get(key, last[key]))):
                    assert after >= before, (n, key, i, before, after)
            last = now
        assert last['cpu'] > first['cpu'] and last['pgfault'] > first['pgfault'], (first, last)
        print(len(last))
        """;

    [Theory]
    [InlineData("runc")]
    [InlineData("crun")]
    public void Such_an_agent_understands_every_file_and_each_rewind_gives_it_a_new_whole_text(string runtime)
    {
        using OciContainer container = tree.RunHooked(Hooked.With(new() { Runtime = runtime, Memory = 64 << 20, Quota = 100000 }, tree.RunDirectory));

        Output agent = container.ExecFor(Pace.Limit(60), "/usr/bin/python3", "-c", Agent, Pace.Count(200).ToString(CultureInfo.InvariantCulture));

        Assert.InRange(int.Parse(agent.Line(), CultureInfo.InvariantCulture), 10, 100);
    }

    [Fact]
    public void A_small_buffer_never_mixes_two_moments_though_others_read_meanwhile()
    {
        using OciContainer container = tree.RunHooked(Hooked.With(new() { Memory = 64 << 20, Quota = 100000 }, tree.RunDirectory));
        // 64 bytes at a time, from two descriptors in turns: each text has its sum line and its CPUs of one moment, and meminfo its sums.
        container.Python(
            """
            import os
            fds = [os.open('/proc/stat', os.O_RDONLY) for _ in range(2)]
            for n in range(300):
                texts = [b'', b'']
                offsets = [0, 0]
                open_ends = {0, 1}
                while open_ends:
                    for i in sorted(open_ends):
                        piece = os.pread(fds[i], 64, offsets[i])
                        offsets[i] += len(piece)
                        texts[i] += piece
                        if not piece: open_ends.discard(i)
                for text in texts:
                    cpus = [[int(n) for n in line.split()[1:]] for line in text.decode().split('\n') if line.startswith('cpu')]
                    for field in range(10): assert 0 <= cpus[0][field] - sum(cpu[field] for cpu in cpus[1:]) < len(cpus), text
                    assert text.endswith(b'\n') and b'softirq' in text, text
            """).Ok();
    }
}
