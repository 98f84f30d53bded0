namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        memory 64 MiB, quota 1 CPU
public sealed class Reads(ServedTree tree)
{
    /// <summary>Runs a piece of Python for each served file, with its path in "path"; prints what it says is wrong.</summary>
    private static string ForEachFile(string body) =>
        $"""
        import os, time
        def check(path):
        {string.Join('\n', body.Split('\n').Select(l => "    " + l))}
        for path in {"[" + string.Join(',', ServedTree.Texts.Select(f => $"'/{f}'")) + "]"}:
            try: check(path)
            except AssertionError as e: print(path, *e.args)
        print('checked')
        """;

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(4096)]
    public void Reads_in_small_pieces_give_the_text_of_one_read(int size)
    {
        using OciContainer container = tree.Run(new() { Memory = 64 << 20, Quota = 100000 });

        // The first piece makes the snapshot; the rest of it in one read must be what the pieces are.
        string script = ForEachFile($"""
            fd = os.open(path, os.O_RDONLY)
            text = b''
            while True:
                part = os.read(fd, {size})
                text += part
                if not part: break
                assert len(part) == {size} or os.read(fd, 1) == b'', 'a short read in the middle'
            rest = os.pread(fd, 1 << 20, 1)
            assert text[1:] == rest, (text, rest)
            assert text == b'' or text.endswith(b'\n'), text
            """);

        Assert.Equal("checked", container.Python(script).Line());
    }

    [Fact]
    public void Offsets_past_the_end_give_nothing()
    {
        using OciContainer container = tree.Run(new() { Memory = 64 << 20 });

        string script = ForEachFile("""
            fd = os.open(path, os.O_RDONLY)
            size = len(os.pread(fd, 1 << 20, 0))
            for offset in (size, size + 1, 1 << 20, 1 << 40, (1 << 63) - 4097):
                assert os.pread(fd, 4096, offset) == b'', offset
            """);

        Assert.Equal("checked", container.Python(script).Line());
    }

    [Fact]
    public void Reading_at_an_offset_first_gives_the_text_from_there()
    {
        using OciContainer container = tree.Run(new() { Memory = 64 << 20 });

        Assert.Equal(":", container.Python("import os; print(os.pread(os.open('/proc/meminfo', os.O_RDONLY), 1, 8).decode())").Line());
    }

    [Fact]
    public void Going_back_to_the_start_gives_a_fresh_text()
    {
        using OciContainer container = tree.Run(new() { Memory = 64 << 20 });

        double[] times = [.. container.Python(
            """
            import os, time
            fd = os.open('/proc/uptime', os.O_RDONLY)
            for _ in range(3):
                os.lseek(fd, 0, 0)
                print(os.read(fd, 100).split()[0].decode())
                time.sleep(0.2)
            """).Ok().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ProcText.Uptime)];

        Assert.True(times[1] - times[0] >= 0.19 && times[2] - times[1] >= 0.19, string.Join(' ', times));
    }

    [Fact]
    public void Poll_says_readable_at_once()
    {
        using OciContainer container = tree.Run(new() { Memory = 64 << 20 });

        Assert.Equal("True", container.Python(
            """
            import os, select
            fd = os.open('/proc/meminfo', os.O_RDONLY)
            p = select.poll()
            p.register(fd, select.POLLIN)
            print(p.poll(5000) == [(fd, select.POLLIN)])
            """).Line());
    }

    [Fact]
    public void A_program_that_copies_with_sendfile_gets_the_text()
    {
        using OciContainer container = tree.Run(new() { Memory = 64 << 20 });

        // As busybox's cat and cp do it: sendfile until it gives nothing; where it is refused, read and write.
        Assert.Equal("MemTotal:", container.Python(
            """
            import os
            fd = os.open('/proc/meminfo', os.O_RDONLY)
            out = os.open('/tmp/copy', os.O_RDWR | os.O_CREAT)
            try:
                while os.sendfile(out, fd, None, 16 << 20): pass
            except OSError:
                os.write(out, os.read(fd, 65536))
            print(os.pread(out, 9, 0).decode())
            """).Line());
    }
}
