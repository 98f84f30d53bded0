using ProcFs.Handover;
using ProcFs.Interop;

namespace ProcFs.Tests;

public sealed class PassedDescriptorsTests
{
    private const int First = 3900; // where nothing else is, and within every usual limit (4096)

    public PassedDescriptorsTests() => Assert.SkipUnless(Libc.RaiseDescriptorLimit() > First + 30, "this process may not have 4096 descriptors (ulimit -Hn)");

    public static TheoryData<string> AnyOrder => ["procfs-device:procfs-journal:other", "other:procfs-journal:procfs-device", "procfs-journal:other:procfs-device"];

    [Theory]
    [MemberData(nameof(AnyOrder))]
    public void Found_by_name_in_any_order_and_what_nobody_takes_is_closed(string names)
    {
        Pass(names.Split(':'));
        using (PassedDescriptors passed = PassedDescriptors.From("7", "3", names, 7, First))
        {
            Assert.Equal(names.Split(':'), passed.Names);
            int device = passed.Take("procfs-device");
            int journal = passed.Take("procfs-journal");
            Assert.Equal(("procfs-device", "procfs-journal"), (Descriptors.Text(device), Descriptors.Text(journal)));
            Assert.Equal(-1, passed.Take("procfs-device"));
            Assert.Equal(["other"], passed.Names);
            Assert.False(Libc.ClaimInherited(device)); // close-on-exec by now
            Assert.False(Libc.ClaimInherited(journal));
            passed.Dispose();
            // By its text: a number that was closed may be another test's by now.
            int other = First + Array.IndexOf(names.Split(':'), "other");
            Assert.Equal(("procfs-device", "procfs-journal", false), (Descriptors.Text(device), Descriptors.Text(journal), Descriptors.Text(other) == "other"));
            Assert.Equal((0, 0), (Libc.Close(device), Libc.Close(journal)));
        }
    }

    [Theory]
    [InlineData("8", "2", "a:b")] // another process's
    [InlineData(null, "2", "a:b")]
    [InlineData("", "2", "a:b")]
    [InlineData("7x", "2", "a:b")]
    [InlineData("7", null, "a:b")]
    [InlineData("7", "", "a:b")]
    [InlineData("7", "0", "")]
    [InlineData("7", "-2", "a:b")]
    [InlineData("7", "3", "a:b")] // as many names as descriptors, or they mean nothing
    [InlineData("7", "1", "a:b")]
    [InlineData("7", "2", null)]
    [InlineData("7", "99999999999", "a:b")]
    public void Variables_that_do_not_fit_leave_everything_alone(string? pid, string? count, string? names)
    {
        const int first = First + 10;
        int file = Descriptors.File("x");
        Descriptors.PassAs(file, first);
        Descriptors.PassAs(file, first + 1);
        using (PassedDescriptors passed = PassedDescriptors.From(pid, count, names, 7, first))
        {
            Assert.Empty(passed.Names);
        }

        Assert.Equal((0, 0, 0), (Libc.Close(first), Libc.Close(first + 1), Libc.Close(file)));
    }

    [Fact]
    public void What_was_opened_since_is_not_taken_for_passed()
    {
        int own = Descriptors.File("own"); // close-on-exec: it cannot have come through execve
        using (PassedDescriptors passed = PassedDescriptors.From("7", "1", "procfs-device", 7, own))
        {
            Assert.Empty(passed.Names);
        }

        Assert.Equal("own", Descriptors.Text(own));
        Assert.Equal(0, Libc.Close(own));
    }

    [Fact]
    public void Numbers_that_are_not_open_are_skipped()
    {
        const int first = First + 20;
        int file = Descriptors.File("x");
        Descriptors.PassAs(file, first + 1);
        using (PassedDescriptors passed = PassedDescriptors.From("7", "3", "a:b:c", 7, first))
        {
            Assert.Equal(["b"], passed.Names);
        }

        Assert.Equal(0, Libc.Close(file));
    }

    private static void Pass(string[] names)
    {
        for (int i = 0; i < names.Length; i++)
        {
            int file = Descriptors.File(names[i]);
            Descriptors.PassAs(file, First + i);
            Assert.Equal(0, Libc.Close(file));
        }
    }
}
