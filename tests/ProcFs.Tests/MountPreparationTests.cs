using ProcFs.Interop;
using ProcFs.Serving;

namespace ProcFs.Tests;

/// <summary>What is said of places that cannot be mounted on, with real ones. A mount of our own needs a daemon: the integration tests have that.</summary>
public sealed class MountPreparationTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("procfs-mount-").FullName;

    private string Mount => Path.Combine(_directory, "mount");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_empty_directory_is_fine(bool create)
    {
        Directory.CreateDirectory(Mount);
        Assert.Equal(0, MountPreparation.Prepare(Mount, create));
    }

    [Fact]
    public void A_link_on_the_way_to_an_empty_directory_is_fine()
    {
        Directory.CreateDirectory(Mount);
        Directory.CreateSymbolicLink(Path.Combine(_directory, "link"), _directory);
        Assert.Equal(0, MountPreparation.Prepare(Path.Combine(_directory, "link/mount"), create: false));
    }

    [Fact]
    public void Our_own_directory_is_made()
    {
        string mount = Path.Combine(_directory, "a/b");
        Assert.Equal(0, MountPreparation.Prepare(mount, create: true));
        Assert.True(Directory.Exists(mount));
    }

    [Fact]
    public void A_directory_that_somebody_named_is_not_made()
    {
        AssertRefused("does not exist: create it (mkdir -p)", create: false);
        Assert.False(Path.Exists(Mount));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_is_refused(bool create)
    {
        File.WriteAllText(Mount, "");
        AssertRefused("is not a directory: choose one with --mount", create);
    }

    [Fact]
    public void A_link_to_a_directory_is_refused()
    {
        Directory.CreateSymbolicLink(Mount, _directory);
        AssertRefused("is not a directory: choose one with --mount", create: false);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_directory_with_files_is_refused(bool create)
    {
        Directory.CreateDirectory(Path.Combine(Mount, ".hidden"));
        AssertRefused("is not empty, and its files would be hidden: choose an empty directory with --mount", create);
        Assert.True(Directory.Exists(Path.Combine(Mount, ".hidden")));
    }

    [Fact]
    public void A_directory_that_cannot_be_made_is_said()
    {
        // Looking says that it is missing, making it that its parent is no real directory.
        Directory.CreateSymbolicLink(Path.Combine(_directory, "dangling"), Path.Combine(_directory, "nowhere"));
        string mount = Path.Combine(_directory, "dangling/mount");
        Failure failure = Assert.Throws<Failure>(() => MountPreparation.Prepare(mount, create: true));
        Assert.Equal(ExitCode.Failed, failure.Code);
        Assert.StartsWith($"cannot make the mount point {mount}: ", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("; choose another directory with --mount", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mount_of_somebody_else_is_refused_and_stays()
    {
        Directory.CreateDirectory(Mount);
        int mounted = Libc.Mount("some thing", Mount, "tmpfs", Libc.MS_NODEV | Libc.MS_NOSUID, "size=64k");
        Assert.SkipWhen(mounted < 0, $"a tmpfs cannot be mounted here: {Libc.Describe(Libc.ErrorOf(mounted))}");
        try
        {
            AssertRefused("has a tmpfs from \"some thing\" mounted on it: unmount that, or choose another directory with --mount", create: true);
            Assert.Contains($" {Mount} ", File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
        }
        finally
        {
            Assert.Equal(0, Libc.Unmount(Mount, Libc.MNT_DETACH));
        }
    }

    private void AssertRefused(string reason, bool create)
    {
        Failure failure = Assert.Throws<Failure>(() => MountPreparation.Prepare(Mount, create));
        Assert.Equal((ExitCode.Failed, $"the mount point {Mount} {reason}"), (failure.Code, failure.Message));
    }
}
