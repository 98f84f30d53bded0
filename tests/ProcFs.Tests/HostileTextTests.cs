using System.Text;
using ProcFs.Configuration;
using ProcFs.Containers;
using ProcFs.Files;

namespace ProcFs.Tests;

/// <summary>Texts that are cut or garbled: no exception, no negative or wrapped number, whatever the kernel or a fixture says.</summary>
public sealed class HostileTextTests
{
    private const int Mutations = 100_000;

    private static readonly string[] StatLines =
    [
        "1 (init) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 100050 1000 100\n",
        "42 (a b) c) R 1 42 42 0 -1 4194304 236 0 0 0 1 2 0 0 20 0 1 0 18446744073709551615 1 1\n",
        "7 (\n) D 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 -5 0 0\n",
    ];

    private const string Status = "Name:\tsh\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t42\nPid:\t42\nPPid:\t1\nNSpid:\t4242\t42\t2\nThreads:\t3\nSigQ:\t0/1\n";

    [Fact]
    public void Process_stat_survives_every_cut_and_mutation()
    {
        foreach (string line in StatLines)
        {
            Attack(line, text => Assert.True(!ProcessStat.TryParse(text, out ProcessStat stat) || (stat.StartTicks >= 0 && stat.StartNs >= 0)));
        }
    }

    [Fact]
    public void Process_status_survives_every_cut_and_mutation()
        => Attack(Status, text =>
        {
            ProcessStatus status = ProcessStatus.Parse(text, 1);
            Assert.True(status is { ParentPid: >= 0, Threads: >= 0, NamespacePid: >= 0 });
        });

    [Fact]
    public void Process_status_has_the_number_at_the_depth_asked_for()
    {
        byte[] text = Encoding.ASCII.GetBytes(Status);
        Assert.Equal((2, 3), (ProcessStatus.Parse(text).NamespacePid, ProcessStatus.Parse(text).NamespaceDepth));
        Assert.Equal(4242, ProcessStatus.Parse(text, 1).NamespacePid);
        Assert.Equal(42, ProcessStatus.Parse(text, 2).NamespacePid);
        Assert.Equal(0, ProcessStatus.Parse(text, 9).NamespacePid);
    }

    [Fact]
    public void The_configuration_survives_every_cut_and_mutation()
        => Attack("{ \"workers\": 4, /* x */ \"cpuView\": \"quota\", \"swap\": \"show\", \"logLevel\": \"info\" }\n", text =>
        {
            try
            {
                ConfigFile.Parse(Encoding.Latin1.GetString(text), "file");
            }
            catch (Failure failure)
            {
                Assert.Equal(ExitCode.WrongUse, failure.Code);
            }
        });

    [Theory]
    [InlineData("meminfo", "proc/meminfo")]
    [InlineData("stat", "proc/stat")]
    [InlineData("cpuinfo", "proc/cpuinfo")]
    [InlineData("diskstats", "proc/diskstats")]
    [InlineData("uptime", "proc/uptime")]
    [InlineData("cpu/online", "sys/devices/system/cpu/online")]
    public void A_host_file_cut_anywhere_or_garbled_is_still_rendered(string file, string hostFile)
    {
        Random random = new(7);
        for (int i = 0; i < 20; i++)
        {
            // Renderers keep descriptors as long as their host: not too many at once.
            using HostTree host = HostTree.V2().Cgroup("/c", ("memory.max", "536870912"), ("memory.current", "4096000"), ("memory.stat", "file 8192"),
                ("cpu.max", "150000 100000"), ("cpuset.cpus.effective", "0-3"), ("io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0"));
            byte[] whole = File.ReadAllBytes(host.Path(hostFile));
            for (int j = 0; j < 20; j++)
            {
                byte[] text = j % 2 == 0 ? whole[..random.Next(whole.Length)] : Mutate(whole, random);
                host.Write(hostFile, Encoding.Latin1.GetString(text));
                // A renderer of its own: the text must not come from the time before.
                Text.TextBuffer output = new();
                host.NewRenderer().RenderCgroup(ProcFiles.Find(file)!, "/c", output);
                string shown = Encoding.Latin1.GetString(output.Text);
                Assert.DoesNotContain("1844674407370955", shown, StringComparison.Ordinal);
                if (file != "cpuinfo")
                {
                    // The lines of cpuinfo are the host's own, garbled or not.
                    Assert.DoesNotMatch(@"(?<=[\s:])-\d", shown);
                }
            }
        }
    }

    private static void Attack(string text, Action<byte[]> check)
    {
        byte[] whole = Encoding.Latin1.GetBytes(text);
        for (int length = 0; length <= whole.Length; length++)
        {
            check(whole[..length]);
        }

        Random random = new(42);
        for (int i = 0; i < Mutations; i++)
        {
            check(Mutate(whole, random));
        }
    }

    private static byte[] Mutate(byte[] whole, Random random)
    {
        byte[] text = (byte[])whole.Clone();
        for (int count = random.Next(1, 6); count > 0; count--)
        {
            text[random.Next(text.Length)] = random.Next(3) switch
            {
                0 => (byte)random.Next(256),
                1 => (byte)"0123456789-"[random.Next(11)],
                _ => (byte)" \t\n:()[]{}"[random.Next(10)],
            };
        }

        return text;
    }
}
