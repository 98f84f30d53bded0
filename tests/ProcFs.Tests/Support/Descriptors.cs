using System.Runtime.InteropServices;
using System.Text;
using ProcFs.Interop;

namespace ProcFs.Tests.Support;

/// <summary>Files to pass around, and how many descriptors there are.</summary>
internal static partial class Descriptors
{
    /// <summary>From here on are numbers to pass files by: tests that run meanwhile get the lowest that are free, which are some hundreds. Within every usual limit (4096).</summary>
    public const int Far = 3700;

    /// <summary>An unnamed file with a text; a number of its own at each call, an inode, too.</summary>
    public static int File(string text)
    {
        string path = Path.Combine(Path.GetTempPath(), $"procfs-test-{Guid.NewGuid():N}");
        int descriptor = Libc.OpenAt(Libc.AT_FDCWD, path, Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL, 0x180);
        Assert.True(descriptor >= 0, Libc.Describe(Libc.ErrorOf(descriptor)));
        System.IO.File.Delete(path);
        Assert.Equal(Encoding.UTF8.GetByteCount(text), Libc.Write(descriptor, Encoding.UTF8.GetBytes(text)));
        return descriptor;
    }

    /// <summary>All of what a descriptor's file holds; null when it is not open.</summary>
    public static string? Text(int descriptor)
    {
        Span<byte> buffer = stackalloc byte[4096];
        nint length = Libc.Pread(descriptor, buffer, 0);
        return length < 0 ? null : Encoding.UTF8.GetString(buffer[..(int)length]);
    }

    public static ulong Inode(int descriptor)
    {
        Assert.Equal(0, Libc.Statx(descriptor, "\0"u8, Libc.AT_EMPTY_PATH, Libc.STATX_INO, out Libc.StatxBuffer status));
        return status.Inode;
    }

    /// <summary>A copy with a given number that survives execve(2), as if it had been passed.</summary>
    public static void PassAs(int descriptor, int number)
    {
        Assert.SkipUnless(Libc.RaiseDescriptorLimit() > (ulong)number, $"this process may not have descriptor {number} (ulimit -Hn)");
        Assert.Equal(number, dup2(descriptor, number));
    }

    /// <summary>How many are open, but for what the runtime loads whenever it likes. Only in a test that runs alone.</summary>
    public static int Count() => Open().Count;

    /// <summary>Waits until there are as few as before: others may still be on their way out.</summary>
    public static void AssertCount(int most)
    {
        SpinWait.SpinUntil(() => Count() <= most, TimeSpan.FromSeconds(30));
        Assert.True(Count() <= most, $"{Count()} descriptors, not {most}:\n" + string.Join('\n', Open()));
    }

    private static List<string> Open()
        => [.. Directory.GetFileSystemEntries("/proc/self/fd").Select(path => new FileInfo(path).LinkTarget ?? "")
            .Where(target => target.Length > 0 && !target.EndsWith(".dll", StringComparison.Ordinal) && !target.EndsWith(".pdb", StringComparison.Ordinal)
                && !target.StartsWith("/proc/", StringComparison.Ordinal) && !target.StartsWith("/dev/", StringComparison.Ordinal))];

    [LibraryImport("libc")]
    private static partial int dup2(int oldfd, int newfd);
}
