using ProcFs.Registration;

namespace ProcFs.Tests;

public sealed class NumberTableTests : IDisposable
{
    private const long Now = 3_600_000_000_000;

    private static readonly Guid Boot = Guid.Parse("8f9c1d2e-0000-4000-8000-000000000001");

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("procfs-numbers-");

    private string File => Path.Combine(_directory.FullName, "numbers");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void The_same_container_keeps_its_number_over_daemons_and_another_gets_the_next()
    {
        using (NumberTable table = Open())
        {
            Assert.Equal(1u, table.NumberOf(Key("a", 10)));
            Assert.Equal(2u, table.NumberOf(Key("b", 11)));
            Assert.Equal(1u, table.NumberOf(Key("a", 10)));
        }

        using NumberTable next = Open(mayBeInUse: true);
        Assert.Equal(2, next.Known.Count);
        Assert.Equal(2u, next.NumberOf(Key("b", 11)));
        Assert.Equal(3u, next.NumberOf(Key("a", 12)));
    }

    [Fact]
    public void A_number_never_comes_back_within_a_boot()
    {
        using (NumberTable table = Open())
        {
            table.NumberOf(Key("a", 10));
            table.NumberOf(Key("b", 11));
            table.Forget(2);
            Assert.Equal(3u, table.NumberOf(Key("b", 11)));
            table.Forget(3);
            table.Forget(1);
        }

        using (NumberTable table = Open())
        {
            // The file still has them; whoever has ended is forgotten by who looks.
            foreach (ulong number in table.Known.Keys.ToArray())
            {
                table.Forget(number);
            }
        }

        using NumberTable last = Open();
        Assert.Equal(4u, last.NumberOf(Key("c", 12)));
    }

    [Fact]
    public void Another_boot_begins_anew()
    {
        using (NumberTable table = Open())
        {
            table.NumberOf(Key("a", 10));
        }

        using NumberTable next = NumberTable.Open(File, Guid.NewGuid(), mayBeInUse: false, Now, out string? defect, out _);
        Assert.Null(defect);
        Assert.Empty(next.Known);
        Assert.Equal(1u, next.NumberOf(Key("b", 10)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense\n")]
    [InlineData("procfs-numbers 2 8f9c1d2e-0000-4000-8000-000000000001 5\n")]
    [InlineData("procfs-numbers 1 8f9c1d2e-0000-4000-8000-000000000001 0\n")]
    [InlineData("procfs-numbers 1 8f9c1d2e-0000-4000-8000-000000000001 5\n1 2 3\n")]
    [InlineData("procfs-numbers 1 8f9c1d2e-0000-4000-8000-000000000001 5\n0 2 3 a\n")]
    [InlineData("procfs-numbers 1 8f9c1d2e-0000-4000-8000-000000000001 5\n1 -2 3 a\n")]
    [InlineData("procfs-numbers 1 8f9c1d2e-0000-4000-8000-000000000001 5\n1 2 3 a\n\n2 2 3 b\n")]
    public void One_that_is_not_understood_is_told_and_its_numbers_are_kept_clear_of(string text)
    {
        System.IO.File.WriteAllText(File, text);
        using NumberTable table = NumberTable.Open(File, Boot, mayBeInUse: false, Now, out string? defect, out _);
        Assert.NotNull(defect);
        Assert.Empty(table.Known);
        Assert.Equal(360_000_001u, table.NumberOf(Key("a", 10)));
    }

    [Fact]
    public void A_lost_one_is_kept_clear_of_where_its_files_may_be_in_use()
    {
        using NumberTable table = Open(mayBeInUse: true);
        Assert.Equal(360_000_001u, table.NumberOf(Key("a", 10)));
    }

    [Fact]
    public void Every_cut_of_the_file_gives_the_whole_lines_before_it()
    {
        using (NumberTable table = Open())
        {
            table.NumberOf(Key("first", 10));
            table.NumberOf(Key("second", 11));
        }

        byte[] whole = System.IO.File.ReadAllBytes(File);
        int head = Array.IndexOf(whole, (byte)'\n') + 1;
        for (int length = head; length <= whole.Length; length++)
        {
            System.IO.File.WriteAllBytes(File, whole[..length]);
            using NumberTable table = Open();
            Assert.Equal(whole[head..length].Count(character => character == '\n'), table.Known.Count);
            Assert.Equal((ulong)table.Known.Count + 1, table.NumberOf(Key("third", 12)));
        }
    }

    [Fact]
    public void It_does_not_grow_with_the_containers_that_have_come_and_gone()
    {
        using NumberTable table = Open();
        for (int i = 0; i < 20_000; i++)
        {
            table.Forget(table.NumberOf(Key("container", i + 1)));
        }

        Assert.InRange(new FileInfo(File).Length, 1, 400_000);
        Assert.Equal(20_001u, table.NumberOf(Key("container", 1)));
    }

    [Fact]
    public void Where_it_cannot_be_written_a_sentence_says_so()
    {
        string missing = Path.Combine(_directory.FullName, "missing", "numbers");
        using NumberTable table = NumberTable.Open(missing, Boot, false, Now, out _, out string? unwritable);
        Assert.StartsWith("cannot write the numbers of the containers, " + missing, unwritable, StringComparison.Ordinal);
        Assert.Equal(unwritable, Assert.Throws<Failure>(() => table.NumberOf(Key("a", 10))).Message);

        // It is tried again with each.
        Directory.CreateDirectory(Path.GetDirectoryName(missing)!);
        Assert.Equal(1u, table.NumberOf(Key("a", 10)));
        Assert.True(System.IO.File.Exists(missing));
    }

    private NumberTable Open(bool mayBeInUse = false)
    {
        NumberTable table = NumberTable.Open(File, Boot, mayBeInUse, Now, out string? defect, out string? unwritable);
        Assert.Null(unwritable);
        Assert.Null(defect);
        return table;
    }

    private static RegistrationKey Key(string name, int pid) => new(name, pid, 5);
}
