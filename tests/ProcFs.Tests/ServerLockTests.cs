using System.Diagnostics;
using System.Globalization;
using ProcFs.Serving;

namespace ProcFs.Tests;

/// <summary>One server for each mount point. Record locks belong to processes, so the other one is a real process.</summary>
public sealed class ServerLockTests : IDisposable
{
    private const string Python = "/usr/bin/python3";

    private readonly string _directory = Directory.CreateTempSubdirectory("procfs-lock-").FullName;

    private string RunDirectory => Path.Combine(_directory, "run");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("/var/lib/procfs", "var-lib-procfs.lock")]
    [InlineData("/var/lib/procfs/", "var-lib-procfs.lock")]
    [InlineData("/var/./lib//procfs", "var-lib-procfs.lock")]
    [InlineData("/nonexistent/a-b", @"nonexistent-a\x2db.lock")]
    [InlineData("/nonexistent/a/b", "nonexistent-a-b.lock")]
    [InlineData("/nonexistent/A_z.0:9", "nonexistent-A_z.0:9.lock")]
    [InlineData("/nonexistent/a b\n\\x", @"nonexistent-a\x20b\x0a\x5cx.lock")]
    [InlineData("/nonexistent/ä", @"nonexistent-\xc3\xa4.lock")]
    public void The_file_is_named_after_the_mount_point(string mount, string name)
    {
        using ServerLock taken = ServerLock.Take(RunDirectory, mount);
        Assert.Equal([name], Directory.GetFiles(RunDirectory).Select(Path.GetFileName));
    }

    [Fact]
    public void Nobody_else_can_look_into_the_run_directory()
    {
        using ServerLock taken = ServerLock.Take(RunDirectory, "/mnt/x");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(RunDirectory));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(RunDirectory, "mnt-x.lock")));
    }

    [Fact]
    public void Without_a_file_or_with_a_free_one_there_is_no_holder()
    {
        Assert.Equal(0, ServerLock.Holder(RunDirectory, "/mnt/x"));
        ServerLock.Take(RunDirectory, "/mnt/x").Dispose();
        Assert.True(File.Exists(Path.Combine(RunDirectory, "mnt-x.lock")));
        Assert.Equal(0, ServerLock.Holder(RunDirectory, "/mnt/x"));
    }

    [Fact]
    public void The_second_taker_is_told_who_was_first_and_may_when_that_one_has_ended()
    {
        Assert.SkipUnless(File.Exists(Python), $"needs a second process: there is no {Python}");
        Directory.CreateDirectory(RunDirectory);
        using Process other = Start("import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX); print('locked', flush=True); sys.stdin.read()",
            Path.Combine(RunDirectory, "mnt-x.lock"));
        try
        {
            Assert.Equal("locked", other.StandardOutput.ReadLine());
            Assert.Equal(other.Id, ServerLock.Holder(RunDirectory, "/mnt/x"));
            Failure failure = Assert.Throws<Failure>(() => ServerLock.Take(RunDirectory, "/mnt/x"));
            Assert.Equal(ExitCode.Failed, failure.Code);
            Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"/mnt/x is served by process {other.Id} already; "), failure.Message, StringComparison.Ordinal);
            ServerLock.Take(RunDirectory, "/mnt/y").Dispose();
        }
        finally
        {
            other.Kill();
            other.WaitForExit();
        }

        Assert.Equal(0, ServerLock.Holder(RunDirectory, "/mnt/x"));
        ServerLock.Take(RunDirectory, "/mnt/x").Dispose();
    }

    [Fact]
    public void The_holder_is_seen_from_another_process_until_it_lets_go()
    {
        Assert.SkipUnless(File.Exists(Python), $"needs a second process: there is no {Python}");
        using (ServerLock.Take(RunDirectory, "/mnt/x"))
        {
            Assert.Equal("held", TryFromOutside());
        }

        Assert.Equal("free", TryFromOutside());
    }

    [Fact]
    public void A_run_directory_that_cannot_be_one_is_said()
    {
        string file = Path.Combine(_directory, "file");
        File.WriteAllText(file, "");
        Failure failure = Assert.Throws<Failure>(() => ServerLock.Take(Path.Combine(file, "run"), "/mnt/x"));
        Assert.Equal(ExitCode.Failed, failure.Code);
        Assert.StartsWith($"cannot make the run directory {file}/run: ", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("; choose another one with --run-dir", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_symbolic_link_in_place_of_the_file_is_not_followed()
    {
        Directory.CreateDirectory(RunDirectory);
        string target = Path.Combine(_directory, "target");
        File.CreateSymbolicLink(Path.Combine(RunDirectory, "mnt-x.lock"), target);
        Assert.Equal(ExitCode.Failed, Assert.Throws<Failure>(() => ServerLock.Take(RunDirectory, "/mnt/x")).Code);
        Assert.False(File.Exists(target));
    }

    private string TryFromOutside()
    {
        using Process process = Start(
            "import fcntl, sys\nf = open(sys.argv[1], 'r+')\ntry:\n  fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB); print('free')\nexcept OSError:\n  print('held')",
            Path.Combine(RunDirectory, "mnt-x.lock"));
        string line = process.StandardOutput.ReadLine() ?? "";
        process.WaitForExit();
        return line;
    }

    private static Process Start(string script, string file)
        => Process.Start(new ProcessStartInfo(Python, ["-c", script, file]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
}
