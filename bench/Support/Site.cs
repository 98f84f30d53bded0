using System.Runtime.InteropServices;

namespace ProcFs.Bench;

/// <summary>
/// The place where one run has its files, mounts, containers and cgroups: all of them carry its name, procfs-bench-PID. They are gone when
/// it is disposed of; what a killed run left, the next one removes.
/// </summary>
internal sealed class Site : IDisposable
{
    /// <summary>What everything of a bench is called, before a dash and a pid.</summary>
    public const string Prefix = "procfs-bench";

    private const int Interrupted = 130; // as a shell says it

    private readonly Stack<IDisposable> _owned = [];
    private readonly PosixSignalRegistration[] _signals;
    private readonly Lock _lock = new();
    private readonly ManualResetEventSlim _gone = new();
    private bool _isDisposed;
    private volatile bool _isEndedBySignal;

    private Site(string directory)
    {
        Scratch = directory;
        Root = Directory.CreateDirectory($"{directory}/root").FullName;
        _signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, End), PosixSignalRegistration.Create(PosixSignal.SIGTERM, End), PosixSignalRegistration.Create(PosixSignal.SIGHUP, End)];
    }

    /// <summary>A directory for the run's own files.</summary>
    public string Scratch { get; }

    /// <summary>This host's root file system, read-only and without what is mounted on it: the root of every container.</summary>
    public string Root { get; }

    /// <summary>Above the cgroups of its containers, as in /proc/PID/cgroup.</summary>
    public string Cgroup { get; } = $"/{Prefix}-{Environment.ProcessId}";

    /// <exception cref="BenchFailure">Not root, or nothing can be mounted.</exception>
    public static Site Open()
    {
        if (Interop.Libc.EffectiveUserId() != 0)
        {
            throw new BenchFailure("run it as root: it mounts, makes cgroups and starts containers");
        }

        Leftovers.Remove();
        Site site = new(Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"{Prefix}-{Environment.ProcessId}")).FullName);
        try
        {
            _ = Child.Run("mount", "--bind", "/", site.Root).Ok();
            _ = Child.Run("mount", "-o", "remount,bind,ro", site.Root).Ok();
            return site;
        }
        catch
        {
            site.Dispose();
            throw;
        }
    }

    /// <summary>Something that ends with the site, the last one first.</summary>
    public T Own<T>(T part)
        where T : IDisposable
    {
        lock (_lock)
        {
            if (!_isDisposed)
            {
                _owned.Push(part);
                return part;
            }
        }

        part.Dispose();
        throw new OperationCanceledException();
    }

    /// <summary>A new directory of its own.</summary>
    public string NewDirectory(string name) => Directory.CreateDirectory($"{Scratch}/{name}").FullName;

    public void Dispose()
    {
        bool isFirst;
        lock (_lock)
        {
            isFirst = !_isDisposed;
            _isDisposed = true;
        }

        if (!isFirst)
        {
            _gone.Wait(); // a signal came: the program must not end before everything is taken away
            if (_isEndedBySignal)
            {
                Thread.Sleep(Timeout.Infinite); // what this thread would say now is only that everything is gone
            }

            return;
        }

        foreach (PosixSignalRegistration signal in _signals)
        {
            signal.Dispose();
        }

        while (_owned.TryPop(out IDisposable? part))
        {
            try
            {
                part.Dispose();
            }
            catch (BenchFailure failure)
            {
                // The next parts must go, too; what is left is the next run's to remove.
                Console.Error.WriteLine($"procfs-bench: {failure.Message}");
            }
        }

        Leftovers.RemoveSite(Scratch);
        _gone.Set();
    }

    // On a thread of the runtime's, while another one measures: it ends here, whatever that one is in.
    private void End(PosixSignalContext context)
    {
        context.Cancel = true;
        _isEndedBySignal = true;
        Dispose();
        Environment.Exit(Interrupted);
    }
}
