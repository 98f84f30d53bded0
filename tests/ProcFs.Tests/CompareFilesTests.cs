using ProcFs.Interop;

namespace ProcFs.Tests;

public sealed class CompareFilesTests
{
    [Fact]
    public void Copies_of_a_descriptor_are_one_file_and_two_openings_are_two()
    {
        using FileDescriptor first = FileDescriptor.Open("/dev/null", Libc.O_RDWR, out _)!;
        using FileDescriptor second = FileDescriptor.Open("/dev/null", Libc.O_RDWR, out _)!;
        Descriptors.PassAs(first.Number, Descriptors.Far + 60);
        int same = Libc.CompareFiles(first.Number, Descriptors.Far + 60);
        Assert.Equal(0, Libc.Close(Descriptors.Far + 60));
        Assert.SkipWhen(Libc.ErrorOf(same) is Errno.ENOSYS or Errno.EPERM, "kcmp(2) is not to be had here");
        Assert.Equal(0, same);
        Assert.InRange(Libc.CompareFiles(first.Number, second.Number), 1, 3);
        Assert.Equal(-(int)Errno.EBADF, Libc.CompareFiles(first.Number, Descriptors.Far + 60));
    }
}
