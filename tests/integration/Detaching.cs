using static ProcFs.Integration.Tests.Support.Inside;

namespace ProcFs.Integration.Tests;

/// <summary>procfs detach: containers get the kernel's own files back.</summary>
[Trait("run", "long")]
public sealed class Detaching(ServedTree tree) : IDisposable
{
    private const string Summary = "containers: something attached to";

    private readonly Site _site = new(tree);

    public void Dispose() => _site.Dispose();

    [Fact]
    public void One_that_is_detached_by_hand_stays_so_until_it_is_attached_by_hand()
    {
        using Daemon first = _site.Serve();
        first.Expect(Summary); // no attach of its own is under way any more
        using OciContainer container = tree.RunHooked(Hooked.With(new() { Memory = 64 << 20 }, _site.RunDirectory)), other = tree.Run(new() { IsBare = true });
        Verb("attach", Text(other.Pid)).Ok();
        Assert.Equal(Text(64 << 10), MemTotal(container.Pid));

        Verb("detach", container.Id).Ok();
        Assert.Equal(Text(Host.MemTotalKib), MemTotal(container.Pid));
        Verb("attach", "--all").Ok();
        Assert.Empty(Hooked.Mounts(container.Pid));

        first.Kill();
        using Daemon next = _site.Serve();
        next.Expect(Summary);
        Assert.Empty(Hooked.Mounts(container.Pid));
        _ = Source(other.Pid);

        Verb("attach", container.Id).Ok();
        Assert.Equal(Text(64 << 10), MemTotal(container.Pid));
        Verb("attach", "--all").Ok();
        _ = Source(container.Pid);
    }

    // /procfs-test-N
    //   container-1            registered; a process of it is in a mount namespace that it made
    //   container-2            its engine binds the common files
    //   container-3            of another daemon
    [Fact]
    public void All_means_whatever_has_files_of_this_daemon_and_needs_none()
    {
        using Daemon first = _site.Serve();
        first.Expect(Summary); // no attach of its own is under way any more
        using OciContainer registered = tree.Run(new() { IsBare = true, Memory = 64 << 20, Change = MayMount });
        using OciContainer bound = tree.Run(new() { Mount = _site.Mount });
        using OciContainer others = tree.RunAttached(new());
        Verb("attach", Text(registered.Pid)).Ok();
        int inner = Sleep(registered, "unshare", "--mount");
        string[] before = [.. Hooked.Mounts(others.Pid).Select(mount => mount.ToString())];
        first.Kill();

        Output all = Verb("detach", "--all");

        all.Ok();
        Assert.All([registered.Pid, inner, bound.Pid], pid => Assert.Equal(Text(Host.MemTotalKib), MemTotal(pid)));
        Assert.All([registered.Pid, inner, bound.Pid], pid => Assert.Empty(Hooked.Mounts(pid)));
        Assert.Equal(before, Hooked.Mounts(others.Pid).Select(mount => mount.ToString()));
        Assert.Contains($"{2 * ServedTree.Attached.Length} files taken off", Assert.Single(ProcText.Lines(all.Error), line => line.Contains($"\"pid-{registered.Pid}\"", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("0 failed", ProcText.Lines(all.Error)[^1], StringComparison.Ordinal);

        // Nobody asked for any of them to stay without.
        using Daemon next = _site.Serve();
        next.Expect(Summary);
        Assert.All([registered.Pid, inner], pid => Assert.Equal(Text(64 << 10), MemTotal(pid)));
    }

    [Fact]
    public void What_nobody_registered_is_named_by_a_process()
    {
        using Daemon daemon = _site.Serve();
        using OciContainer container = tree.Run(new() { Mount = _site.Mount });
        Assert.Equal("/common", Source(container.Pid, ServedTree.Mountable));

        Verb("detach", Text(container.Pid)).Ok();

        Assert.Empty(Hooked.Mounts(container.Pid));
        Assert.Empty(Hooked.Registered(_site.RunDirectory));
        _site.AssertServed();
    }

    [Theory]
    [InlineData(1, "no container \"nobody\" is registered", "nobody")]
    [InlineData(1, "there is no process 4194305", "4194305")]
    [InlineData(1, "is in the host's own mount namespace", "HOST")]
    [InlineData(2, "name a container")]
    [InlineData(2, "exclude each other", "--all", "nobody")]
    public void What_cannot_be_done_is_one_sentence(int exitCode, string reason, params string[] arguments)
    {
        string host = Text(Environment.ProcessId);

        Output output = Verb(["detach", .. arguments.Select(argument => argument == "HOST" ? host : argument)]);

        Assert.Equal(exitCode, output.ExitCode);
        Assert.StartsWith("procfs: ", Assert.Single(ProcText.Lines(output.Error)), StringComparison.Ordinal);
        Assert.Contains(reason, output.Error, StringComparison.Ordinal);
    }

    private Output Verb(params string[] words) => Child.Run([.. _site.Command(words[0]), .. words[1..]]);
}
