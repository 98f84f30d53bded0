using Mono.Unix.Native;

namespace ProcFs.Integration.Tests.Support;

/// <summary>A program, as in a container, that has opened /proc/meminfo and not read it yet.</summary>
internal sealed class HeldFile : IDisposable
{
    /// <summary>At SIGUSR1 it reads and ends.</summary>
    private const string Program =
        """
        import os, signal, sys
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        fd = os.open(sys.argv[1], os.O_RDONLY)
        signal.sigwait([signal.SIGUSR1])
        print(os.read(fd, 9).decode())
        """;

    private readonly Running _holder;

    public HeldFile(string path)
    {
        _holder = Child.Start("/usr/bin/python3", "-c", Program, path);
        Assert.True(Pace.Until(10, () => Processes.OpenFiles(_holder.Process.Id).Contains(path)), $"{path} is not opened");
    }

    /// <summary>Once.</summary>
    public void AssertReads()
    {
        _ = Syscall.kill(_holder.Process.Id, Signum.SIGUSR1);
        Assert.Equal("MemTotal:", _holder.Finish(Pace.Limit(20)).Line());
    }

    public void Dispose() => _holder.Dispose();
}
