using ProcFs.Cgroups;
using ProcFs.Interop;
using ProcFs.Triggers;

namespace ProcFs.Tests;

public sealed class TriggerCloserTests
{
    [Fact]
    public void What_is_closed_counts_until_it_is()
    {
        TriggerCloser closer = new();
        CgroupIdentity one = new(1, 2), other = new(1, 3);
        List<int> numbers = [];
        string path = Path.GetTempFileName(); // nobody else opens it
        using FileStream own = new(path, FileMode.Open, FileAccess.Read, FileShare.None, 1, FileOptions.DeleteOnClose);
        for (int i = 0; i < 20; i++)
        {
            FileDescriptor file = FileDescriptor.Open(path, Libc.O_PATH, out _)!;
            numbers.Add(file.Number);
            closer.Close(file, i % 2 == 0 ? one : other);
        }

        Assert.InRange(closer.CountOf(one), 0, 10);
        Assert.True(SpinWait.SpinUntil(() => closer.Count == 0, 10_000));
        Assert.Equal((0, 0), (closer.CountOf(one), closer.CountOf(other)));
        Assert.All(numbers, number => Assert.False(File.Exists($"/proc/self/fd/{number}") && new FileInfo($"/proc/self/fd/{number}").LinkTarget == path));
    }
}
