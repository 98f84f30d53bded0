using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

public sealed class Attributes(ServedTree tree)
{
    public static TheoryData<string> Files => [.. ServedTree.Texts, "proc/vmstat"];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_is_read_only_and_has_a_size_that_its_text_fits_in(string file)
    {
        string[] stat = Child.Run("stat", "--format", "%F,%a,%u,%g,%h,%s,%b", $"{tree.Mount}/{file}").Line().Split(',');
        long size = long.Parse(stat[5], System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(["regular file", file == "proc/slabinfo" ? "400" : "444", "0", "0", "1"], stat[..5]);
        Assert.InRange(Child.Run("cat", $"{tree.Mount}/{file}").Ok().Length, 1, size);
        Assert.Equal((0, size / 512), (size % 4096, long.Parse(stat[6], System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Nobody_opens_a_file_for_writing_not_even_root(string file)
    {
        // The mount is alive here, or the test above would have failed: this process may ask by itself.
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        Task<Errno> open = Task.Run(() => Syscall.open($"{tree.Mount}/{file}", OpenFlags.O_WRONLY) < 0 ? Stdlib.GetLastError() : 0, cancelled);

        Assert.Equal(Errno.EACCES, await open.WaitAsync(Pace.Limit(20), cancelled));
    }

    [Theory]
    [InlineData("touch", "new")]
    [InlineData("mkdir", "new")]
    [InlineData("rm", "proc/meminfo")]
    [InlineData("mv", "proc/meminfo", "proc/other")]
    [InlineData("ln", "proc/meminfo", "proc/other")]
    [InlineData("chmod", "777", "proc/meminfo")]
    [InlineData("truncate", "--size=0", "proc/meminfo")]
    public void Nothing_can_be_made_changed_or_removed(string command, params string[] arguments)
    {
        Output output = Child.Run([command, .. arguments.Select(a => a.Contains('/', StringComparison.Ordinal) || a == "new" ? $"{tree.Mount}/{a}" : a)]);

        Assert.NotEqual(0, output.ExitCode);
        Assert.Equal("MemTotal:", Child.Shell("head -c 9 \"$1\"", $"{tree.Mount}/proc/meminfo").Out);
    }

    [Fact]
    public void Directories_list_exactly_what_is_served_with_the_type_of_each_entry()
    {
        // getdents64 by its number: the type must be in the entry, not asked for by a stat afterwards.
        string list = Child.Run("/usr/bin/python3", "-c",
            """
            import ctypes, os, struct, sys
            libc = ctypes.CDLL(None, use_errno=True)
            def walk(directory, prefix):
                fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
                buffer = ctypes.create_string_buffer(32768)
                names = []
                while True:
                    n = libc.syscall(217, fd, buffer, len(buffer))
                    assert n >= 0, os.strerror(ctypes.get_errno())
                    if n == 0: break
                    at = 0
                    while at < n:
                        ino, off, size, kind = struct.unpack_from('<QqHB', buffer.raw, at)
                        name = buffer.raw[at + 19:at + size].split(b'\0')[0].decode()
                        assert ino != 0 and ino == os.lstat(f'{directory}/{name}').st_ino or name == '..', name
                        names.append((name, kind))
                        at += size
                assert ('.', 4) in names and ('..', 4) in names, names
                for name, kind in sorted(names):
                    if name in ('.', '..'): continue
                    if kind == 4: walk(f'{directory}/{name}', f'{prefix}{name}/')
                    else: print(prefix + name, kind)
            walk(sys.argv[1], '')
            """, tree.Mount).Ok();

        const string cpus = "sys/devices/system/cpu/"; // has more
        ILookup<bool, string> files = ProcText.Lines(list).ToLookup(line => line.StartsWith(cpus, StringComparison.Ordinal));
        ILookup<bool, string> known = ServedTree.Texts.Concat(ServedTree.Attached.Where(f => f.StartsWith("proc/", StringComparison.Ordinal))).Distinct().Order(StringComparer.Ordinal).Select(f => f + " 8").ToLookup(line => line.StartsWith(cpus, StringComparison.Ordinal));
        Assert.Equal(known[false], files[false]);
        Assert.Empty(known[true].Except(files[true]));
    }

    [Fact]
    public void What_is_not_served_is_not_there()
    {
        Output cat = Child.Run("cat", $"{tree.Mount}/proc/version", $"{tree.Mount}/proc/meminfo/x", $"{tree.Mount}/{new string('a', 300)}");

        Assert.Equal(1, cat.ExitCode);
        Assert.Matches("(?s)No such file.*Not a directory.*File name too long", cat.Error);
    }

    [Fact]
    public void The_mount_is_of_type_fuse_procfs()
    {
        Assert.Equal([("fuse.procfs", "procfs")], FuseMounts.On(tree.Mount).Select(m => (m.Type, m.Source)));
    }
}
