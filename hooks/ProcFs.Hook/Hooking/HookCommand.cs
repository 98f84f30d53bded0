using ProcFs.Hook.Output;
using ProcFs.Interop;

namespace ProcFs.Hook.Hooking;

/// <summary>The verb "hook": keeps the time, and the promise that no failure of ours keeps a container from starting.</summary>
internal static class HookCommand
{
    private const int Failed = 1;

    /// <summary>The exit code: 0, or 1 with --strict when what was wanted was not done.</summary>
    public static int Run(IReadOnlyList<string> words)
    {
        HookOptions options = HookOptions.Parse(words, Environment.GetEnvironmentVariable);
        if (options.WantsHelp)
        {
            RawOutput.Write(RawOutput.StandardOutput, HookOptions.Usage);
            return 0;
        }

        HookLog log = new("procfs hook");
        if (options.Defect is { } defect)
        {
            log.Warn($"nothing is done: {defect}; see procfs hook --help");
            return options.IsStrict ? Failed : 0;
        }

        // A bundle on a file system that hangs, a daemon that is stopped while it answers: nothing that waits may make the runtime wait.
        HookResult? result = null;
        Thread work = new(() => result = Attempt(options, log)) { IsBackground = true };
        work.Start();
        if (!work.Join(HookRun.Within) || result is not { } done)
        {
            done = new HookResult("not done: time was up", IsFailure: true);
            Report(log, done);
            Libc.Exit(options.IsStrict ? Failed : 0);
        }

        Report(log, done);
        return options.IsStrict && done.IsFailure ? Failed : 0;
    }

    private static HookResult Attempt(HookOptions options, HookLog log)
    {
        try
        {
            return new HookRun(options, log).Run(input: 0);
        }
#pragma warning disable CA1031 // whatever it is: the container shall start
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return new HookResult($"not done: {exception.GetType().Name}: {exception.Message}", IsFailure: true);
        }
    }

    private static void Report(HookLog log, HookResult result)
    {
        if (result.IsFailure)
        {
            log.Warn(result.Sentence);
        }
        else
        {
            log.Inform(result.Sentence);
        }
    }
}
