using System.Globalization;

namespace ProcFs.Fuse.Tests;

[Collection(Alone.Name)]
public unsafe class JournalMemoryTests
{
    [Fact]
    public void Dump_of_a_crashed_server_does_not_fill_the_holes_which_would_stay_with_the_journal()
    {
        using Journal journal = Journal.Create("/mnt", 1, 1 << 30);
        Assert.Contains(" dd", Flags(journal.Application), StringComparison.Ordinal);
        Assert.DoesNotContain(" dd", Flags((byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref journal.Header)), StringComparison.Ordinal);

        static string Flags(byte* address)
        {
            string start = ((long)address).ToString("x", CultureInfo.InvariantCulture) + "-";
            return File.ReadLines("/proc/self/smaps").SkipWhile(line => !line.StartsWith(start, StringComparison.Ordinal))
                .First(line => line.StartsWith("VmFlags:", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Header_and_slots_are_locked_in_memory_and_the_application_takes_none()
    {
        const long Length = 1L << 33; // no machine this runs on would have it
        long before = Locked();
        using Journal journal = Journal.Create("/mnt", 1, Length);
        Assert.Equal((4096 + 65536) / 1024, Locked() - before);
        Assert.Equal(Length, journal.ApplicationLength);
        journal.Application[Length - 1] = 1; // a hole that fills where it is touched
        using RequestSlots slots = new(journal);
        slots.Prepare(2);
        long replies = 2 * 33 * 4;
        Assert.Equal(((4096 + 65536) / 1024) + replies, Locked() - before);

        static long Locked() => long.Parse(
            File.ReadLines("/proc/self/status").Single(l => l.StartsWith("VmLck:", StringComparison.Ordinal))["VmLck:".Length..^"kB".Length],
            CultureInfo.InvariantCulture);
    }
}
