using ProcFs.Interop;

namespace ProcFs.Fuse.Tests;

/// <summary>What people read when serving cannot start.</summary>
public class SetupMessageTests
{
    [Fact]
    public void Missing_device_says_modprobe()
    {
        FuseException exception = Assert.Throws<FuseException>(() => Connection.OpenDevice("/nowhere/fuse"));
        Assert.Equal(
            "cannot open /nowhere/fuse: No such file or directory; load the kernel module (modprobe fuse), or give this container the device",
            exception.Message);
        Assert.Equal(FuseErrno.ENOENT, exception.Errno);
    }

    [Theory]
    [InlineData(13, "cannot open /dev/fuse: Permission denied; run as root, and in a container allow the device (char 10:229, read and write)")]
    [InlineData(1, "cannot open /dev/fuse: Operation not permitted; run as root, and in a container allow the device (char 10:229, read and write)")]
    [InlineData(19, "cannot open /dev/fuse: No such device; the kernel has no FUSE behind it: load the module (modprobe fuse)")]
    [InlineData(24, "cannot open /dev/fuse: Too many open files; too many descriptors are open: raise the limit (ulimit -n, fs.file-max)")]
    [InlineData(5, "cannot open /dev/fuse: Input/output error; without it nothing can be served")]
    public void Device_error_says_what_to_do(int errno, string message)
        => Assert.Equal(message, FuseDevice.Explain("/dev/fuse", (Errno)errno));

    [Theory]
    [InlineData(1, "cannot mount on /mnt: Operation not permitted; mounting needs root (CAP_SYS_ADMIN)")]
    [InlineData(2, "cannot mount on /mnt: No such file or directory; create the directory first")]
    [InlineData(20, "cannot mount on /mnt: Not a directory; the mount point must be a directory")]
    [InlineData(16, "cannot mount on /mnt: Device or resource busy; this device is mounted there already")]
    [InlineData(12, "cannot mount on /mnt: Cannot allocate memory")]
    public void Mount_error_says_what_to_do(int errno, string message)
        => Assert.Equal(message, FuseMount.Explain("/mnt", (Errno)errno));
}
