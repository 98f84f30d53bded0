using System.Globalization;

namespace ProcFs.Integration.Tests;

/// <summary>Files of a registered container that hardly ever change stay in the kernel's page cache, and are right all the same.</summary>
public sealed class Pages(ServedTree tree)
{
    private const string Count = "grep -c ^processor /proc/cpuinfo; cat /sys/devices/system/cpu/online";

    // /procfs-test-N
    //   container-1        quota 1 CPU, then 2, then 1
    [Fact]
    public void A_limit_that_changes_is_seen_at_the_next_open()
    {
        using OciContainer container = tree.RunAttached(new() { Quota = 100000 });
        for (int round = 0; round < 10; round++)
        {
            AssertSees(container, 1);
            TestCgroup.SetQuota(container.CgroupPath, 200000);
            AssertSees(container, 2);
            TestCgroup.SetQuota(container.CgroupPath, 100000);
        }
    }

    [Fact]
    public void A_file_that_is_kept_open_shows_a_change_within_seconds()
    {
        using OciContainer container = tree.RunAttached(new() { Quota = 100000 });
        using Daemon reader = Daemon.Begin(null, [.. container.ExecCommand(), "/usr/bin/python3", "-u", "-c", """
            import os, time
            fds = [os.open(f, os.O_RDONLY) for f in ('/proc/cpuinfo', '/sys/devices/system/cpu/online')]
            seen = None
            end = time.time() + 30
            while time.time() < end:
                info, online = (os.pread(fd, 1 << 20, 0) for fd in fds)
                assert b'\0' not in info + online, (info, online)
                now = (info.count(b'processor\t:'), online)
                if now != seen: print(*now, flush=True)
                seen = now
                if now[0] == CPUS and b'-' in online: break
                time.sleep(0.02)
            """.Replace("CPUS", Host.CpusWithin(200000).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)]);
        reader.Expect("1 b'0\\n'");
        TestCgroup.SetQuota(container.CgroupPath, 200000);
        reader.Expect($"{Host.CpusWithin(200000)} b'0-", seconds: 40);
        Assert.Equal(0, reader.WaitForExit());
    }

    // With a buffer of seven bytes, as a shell reads it; the text must be that of one cat.
    [Fact]
    public void A_reader_with_a_small_buffer_gets_the_text()
    {
        using OciContainer container = tree.RunAttached(new() { Quota = 100000 });
        foreach (string file in new[] { "/proc/cpuinfo", "/sys/devices/system/cpu/online", "/sys/devices/system/cpu/offline" })
        {
            string whole = container.Read(file);
            Assert.Equal(whole, container.Python("""
                import os, sys
                fd = os.open(sys.argv[1], os.O_RDONLY)
                text = b''
                while part := os.read(fd, 7): text += part
                sys.stdout.buffer.write(text)
                """, file).Ok());
            Assert.Equal(whole.Length.ToString(CultureInfo.InvariantCulture), container.Exec("stat", "-c", "%s", file).Line());
        }
    }

    [Fact]
    public void Programs_that_copy_by_sendfile_or_map_the_file_get_the_text()
    {
        using OciContainer container = tree.RunAttached(new() { Quota = 100000 });
        string whole = container.Read("/proc/cpuinfo");
        Assert.Equal(whole, container.Python("""
            import os, sys
            fd = os.open('/proc/cpuinfo', os.O_RDONLY)
            out = os.memfd_create('copy')
            while os.sendfile(out, fd, None, 1 << 20): pass
            sys.stdout.buffer.write(os.pread(out, 1 << 20, 0))
            """).Ok());
        Assert.Equal(whole, container.Python("""
            import mmap, os, sys
            fd = os.open('/proc/cpuinfo', os.O_RDONLY)
            sys.stdout.buffer.write(mmap.mmap(fd, 0, mmap.MAP_PRIVATE, mmap.PROT_READ)[:])
            """).Ok());
    }

    // /procfs-test-N
    //   container-1        quota 1 CPU
    //   container-2        the whole host
    [Fact]
    public void Containers_never_see_each_others_pages()
    {
        using OciContainer small = tree.RunAttached(new() { Quota = 100000 });
        using OciContainer large = tree.RunAttached(new());
        for (int round = 0; round < 5; round++)
        {
            AssertSees(small, 1);
            AssertSees(large, Host.Cpus.Count);
        }
    }

    // The successor does not know what the kernel has.
    [Fact]
    public void After_a_restart_nothing_old_is_shown()
    {
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();
        using OciContainer container = tree.Run(new() { Quota = 100000, IsBare = true });
        Child.Run([.. site.Command("attach"), container.Pid.ToString(CultureInfo.InvariantCulture)]).Ok();
        AssertSees(container, 1);

        Processes.Kill(Assert.Single(site.Servers));
        TestCgroup.SetQuota(container.CgroupPath, 200000);
        AssertSees(container, Host.CpusWithin(200000));
        TestCgroup.SetQuota(container.CgroupPath, 100000);
        AssertSees(container, 1);
    }

    private static void AssertSees(OciContainer container, int cpus)
        => Assert.Equal([$"{cpus}", cpus == 1 ? "0" : $"0-{cpus - 1}"], ProcText.Lines(container.Shell(Count).Ok()));
}
