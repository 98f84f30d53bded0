using System.Text;
using ProcFs.Interop;

namespace ProcFs.Fuse.Tests;

/// <summary>The SELinux label of a mount: as it is given to the kernel, and as mountinfo has it.</summary>
public sealed class MountContextTests
{
    private const string Others = "fd=3,rootmode=40555,user_id=0,group_id=0,allow_other,default_permissions";

    [Theory]
    [InlineData(null, 0, Others)]
    [InlineData(null, 70000, Others + ",max_read=70000")]
    [InlineData("u:r:t:s0:c1,c2", 0, "context=\"u:r:t:s0:c1,c2\"," + Others)]
    public void A_label_is_quoted(string? context, uint maxRead, string expected) => Assert.Equal(expected, FuseMount.Options(3, maxRead, context));

    [Fact]
    public void A_label_cannot_end_its_quotes() => Assert.Throws<ArgumentException>(() => FuseMount.Options(3, 0, "u:r:t\",fd=4,x=\""));

    [Theory]
    [InlineData("rw,user_id=0,max_read=7", null)]
    [InlineData("rw,seclabel,user_id=0,max_read=7", null)]
    [InlineData("rw,fscontext=u:r:t,rootcontext=u:r:t,max_read=7", null)]
    [InlineData("rw,context=u:r:t:s0,user_id=0,max_read=7", "u:r:t:s0")]
    [InlineData("rw,context=\"u:r:t:s0:c1,c2\",user_id=0,max_read=7", "u:r:t:s0:c1,c2")]
    [InlineData("rw,max_read=7,context=u:r:t", "u:r:t")]
    [InlineData("rw,max_read=7,fscontext=\"x,context=y\"", null)]
    [InlineData("rw,max_read=7,context=\"u:r:t", "u:r:t")]
    [InlineData("rw,max_read=7,context=", null)]
    public void A_label_is_read_from_mountinfo(string options, string? expected)
    {
        MountPointState state = MountPoint.Inspect("/mnt/view", "procfs", Encoding.UTF8.GetBytes($"9 1 0:50 / /mnt/view rw - fuse.procfs procfs {options}\n"));
        Assert.Equal((expected, 7u), (state.Context, state.MaxRead));
    }

    [Theory]
    [InlineData(FuseErrno.EINVAL, "u:r:t", "the policy of SELinux on this host may not know the label u:r:t: choose one that it has")]
    [InlineData(FuseErrno.EACCES, "u:r:t", "SELinux does not let this process mount with the label u:r:t")]
    [InlineData(FuseErrno.EINVAL, null, "the kernel does not accept the options or the device")]
    public void A_label_that_is_refused_is_named(FuseErrno error, string? context, string expected)
        => Assert.StartsWith($"cannot mount on /mnt: {Libc.Describe((Errno)error)}; {expected}", FuseMount.Explain("/mnt", (Errno)error, context), StringComparison.Ordinal);
}
