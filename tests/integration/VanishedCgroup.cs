namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        memory 64 MiB; its init, until it is moved and the cgroup removed
//   refuge             memory 80 MiB
public sealed class VanishedCgroup(ServedTree tree)
{
    /// <summary>Reads through one descriptor, waits for a word from outside, reads again from the start.</summary>
    private const string Init =
        """
        import os, time
        fd = os.open('/proc/meminfo', os.O_RDONLY)
        print('before', os.pread(fd, 65536, 0).split()[1].decode(), flush=True)
        open('/tmp/ready', 'w').close()
        while not os.path.exists('/tmp/go'): time.sleep(0.05)
        text = os.pread(fd, 65536, 0)
        print('after', text.split()[1].decode(), 'whole' if text.endswith(b'kB\n') or b'DirectMap' in text else 'cut', flush=True)
        open('/tmp/done', 'w').close()
        time.sleep(1000)
        """;

    [Fact]
    public void A_file_stays_readable_when_the_cgroup_of_its_reader_is_removed()
    {
        using TestCgroup refuge = new("refuge");
        refuge.Memory(80 << 20);
        using OciContainer container = tree.Run(new() { Memory = 64 << 20, Command = ["/usr/bin/python3", "-c", Init] });
        Assert.True(Pace.Until(20, () => File.Exists($"{container.Root}/tmp/ready")), container.Log);

        refuge.Adopt(container.Pid);
        foreach (string hierarchy in CgroupMounts.Relevant)
        {
            Directory.Delete(hierarchy + container.CgroupPath);
        }

        File.WriteAllText($"{container.Root}/tmp/go", "");

        Assert.True(Pace.Until(20, () => File.Exists($"{container.Root}/tmp/done")), container.Log);
        Assert.Equal("before 65536\nafter 81920 whole\n", container.Log);
    }
}
