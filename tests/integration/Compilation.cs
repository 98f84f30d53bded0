namespace ProcFs.Integration.Tests;

/// <summary>Who compiles the same sources gets the same program: docs/packages.md, Reproducible.</summary>
public sealed class Compilation(ServedTree tree)
{
    [Fact]
    public void Elsewhere_without_git_and_as_somebody_else_is_the_same_bytes()
    {
        string own = $"{Daemon.Repository}/artifacts/procfs";
        Assert.SkipWhen(Guest.IsHere, "the guest has no compiler");
        Assert.SkipUnless(File.Exists(own) && File.Exists(PackageBuild.Materials), "there is no artifacts/procfs to compare with: ./build.sh publish");
        string other = tree.NewDirectory("compilation");
        try
        {
            PackageBuild.CopySources(other);
            string epoch = Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH") ?? Child.Run("git", "-C", Daemon.Repository, "log", "-1", "--format=%ct").Line();
            string version = Child.Run(own, "--version").Line();

            Child.RunFor(Pace.Limit(600), "sh", "-c", "umask 077; cd \"$1\" && exec env -u CI TZ=Asia/Tokyo LC_ALL=tr_TR.UTF-8 PROCFS_VERSION=\"$2\" SOURCE_DATE_EPOCH=\"$3\" ./build.sh publish",
                "sh", other, version, epoch).Ok();

            Assert.True(PackageBuild.Sha256Of(own) == PackageBuild.Sha256Of($"{other}/artifacts/procfs"), "the same sources give another program (or they have changed since ./build.sh publish)");
            Assert.Equal(File.ReadAllText(PackageBuild.Materials), File.ReadAllText($"{other}/artifacts/procfs.spdx.json"));
        }
        finally
        {
            _ = Child.Run("rm", "-rf", "--one-file-system", other);
        }
    }
}
