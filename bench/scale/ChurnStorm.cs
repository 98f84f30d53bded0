using System.Diagnostics;
using System.Globalization;

namespace ProcFs.Bench;

/// <summary>
/// Containers that come and go: started by runc, given their files by <c>procfs hook</c> as a runtime calls it, looked into, ended, and forgotten by the hook. The server
/// may be dead at any moment: then the hook says so, and the next server brings the files.
/// </summary>
internal sealed class ChurnStorm(Site site, SupervisedServer server)
{
    private const int AtOnce = 3;
    private const long LimitBytes = 48 << 20;

    private static readonly TimeSpan SoonEnough = TimeSpan.FromSeconds(60); // what a hook could not bring, a daemon that lives for 10 s does

    private int _number;
    private int _started;
    private int _wrong;
    private int _hookFailed;

    /// <summary>What was counted since the last call, and begins anew.</summary>
    public (int Started, int Wrong, int HookFailed) Take()
        => (Interlocked.Exchange(ref _started, 0), Interlocked.Exchange(ref _wrong, 0), Interlocked.Exchange(ref _hookFailed, 0));

    /// <summary>Goes on until it is told to stop, and until what it has begun is gone.</summary>
    public void Run(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Parallel.For(0, AtOnce, _ => One(Interlocked.Increment(ref _number)));
        }
    }

    private void One(int number)
    {
        using Container container = new(site, string.Create(CultureInfo.InvariantCulture, $"storm{number}"), new ContainerPlan { Memory = LimitBytes, Quota = 50_000 });
        byte[] state = Fleet.StateOf(container);
        Hook(state, "poststart");
        string total = string.Create(CultureInfo.InvariantCulture, $"MemTotal:{LimitBytes >> 10,15} kB");
        if (!Wait.Until(SoonEnough, () => Child.Run("nsenter", "--target", container.Pid.ToString(CultureInfo.InvariantCulture), "--mount", "--", "head", "-n", "1", "/proc/meminfo").Out.TrimEnd() == total))
        {
            Interlocked.Increment(ref _wrong);
        }

        container.Dispose();
        Hook(state, "poststop");
        Interlocked.Increment(ref _started);
    }

    private void Hook(byte[] state, string stage)
    {
        ProcessStartInfo info = new(ProcFsServer.Program, ["hook", "--stage", stage, "--run-dir", server.RunDirectory]) { RedirectStandardInput = true, RedirectStandardError = true };
        using Process process = Process.Start(info)!;
        try
        {
            process.StandardInput.BaseStream.Write(state);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It did not wait for it.
        }

        Task<string> error = process.StandardError.ReadToEndAsync();
        bool hasEnded = process.WaitForExit(15_000);
        if (!hasEnded)
        {
            process.Kill();
        }

        if (!hasEnded || process.ExitCode != 0)
        {
            Interlocked.Increment(ref _hookFailed);
            Console.Error.WriteLine($"procfs hook --stage {stage}: {(hasEnded ? error.Result.Trim() : "not finished in 15 s")}");
        }
    }
}
