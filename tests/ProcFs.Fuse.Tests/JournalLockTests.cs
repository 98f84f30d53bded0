using System.Globalization;
using ProcFs.Interop;

namespace ProcFs.Fuse.Tests;

[Collection(Alone.Name)]
public sealed class JournalLockTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Journal _journal = Journal.Create("/mnt", 1, 0);
    private readonly string _directory = Directory.CreateTempSubdirectory("procfs-lock-").FullName;

    [Fact]
    public void Lock_of_one_process_is_refused_to_others_until_it_is_given_back()
    {
        Assert.False(_journal.IsLockedByOther(out int pid));
        Assert.Equal(0, pid);
        Assert.True(_journal.TryLock());
        Assert.True(_journal.TryLock());
        Assert.False(_journal.IsLockedByOther(out _)); // ours is no other's
        Assert.Equal(1, Locker("pass").ExitCode);
        _journal.Unlock();
        Assert.Equal(0, Locker("pass").ExitCode);
    }

    [Fact]
    public void Holder_is_named_and_its_lock_goes_with_it()
    {
        using ChildProcess child = StartLocker("time.sleep(60)");
        Assert.True(SpinWait.SpinUntil(() => File.Exists(_directory + "/locked"), Patience));
        Assert.False(_journal.TryLock());
        Assert.True(_journal.IsLockedByOther(out int pid));
        Assert.Equal(child.Id, pid);
        child.Kill();
        Assert.True(child.TryFinish(Patience, out _));
        Assert.False(_journal.IsLockedByOther(out _));
        Assert.True(_journal.TryLock());
    }

    [Fact]
    public void Holder_in_another_pid_namespace_is_not_mistaken_for_nobody()
    {
        if (Libc.ErrorOf(Libc.SetCloseOnExec(_journal.Number, false)) != Errno.None || !_journal.TryLock())
        {
            Assert.Fail("the journal cannot be passed on");
        }

        // A pid namespace of its own, from which nobody here is visible.
        using ChildProcess child = new($"unshare --pid --fork {FuseServerProcess.Program} lock-state {_journal.Number.ToString(CultureInfo.InvariantCulture)}");
        Assert.True(child.TryFinish(Patience, out ChildResult? result));
        if (result.Error.Contains("unshare", StringComparison.Ordinal))
        {
            Assert.Skip(result.Error);
        }

        Assert.Equal("True 0\n", result.Text);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public void Closing_any_descriptor_of_the_file_gives_the_lock_up()
    {
        // Not what anyone wants, but what the kernel does: whoever duplicates must know.
        Assert.True(_journal.TryLock());
        Assert.Equal(1, Locker("pass").ExitCode);
        Assert.Equal(0, Libc.Close(MemoryFile.Again(_journal.Number)));
        Assert.Equal(0, Locker("pass").ExitCode);
    }

    public void Dispose()
    {
        _journal.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private ChildResult Locker(string then)
    {
        using ChildProcess child = StartLocker(then);
        Assert.True(child.TryFinish(Patience, out ChildResult? result), "the child hangs");
        Assert.True(result.ExitCode == 0 || result.Error.Contains("BlockingIOError", StringComparison.Ordinal), result.Error);
        return result;
    }

    /// <summary>Another process that takes the lock.</summary>
    private ChildProcess StartLocker(string then)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "needs python3");
        return new ChildProcess($"""
            exec /usr/bin/python3 -c "
            import fcntl, time
            journal = open('/proc/{Environment.ProcessId}/fd/{_journal.Number}', 'r+b')
            fcntl.lockf(journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
            open('{_directory}/locked', 'w').close()
            {then}
            "
            """);
    }
}
