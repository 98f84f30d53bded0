using ProcFs.Hook.Output;
using ProcFs.Interop;

namespace ProcFs.Hook.Hooking;

/// <summary>The verb "hook": keeps the time, and the promise that no failure of ours keeps a container from starting.</summary>
internal static class HookCommand
{
    private const int Failed = 1;

    /// <summary>The exit code: 0, or 1 with --strict when what was wanted was not done.</summary>
    public static int Run(IReadOnlyList<string> words) => Run(HookOptions.Parse(words, Environment.GetEnvironmentVariable));

    /// <summary>The same for words that were understood.</summary>
    internal static int Run(HookOptions options)
    {
        if (options.WantsHelp)
        {
            RawOutput.Write(RawOutput.StandardOutput, HookOptions.Usage);
            return 0;
        }

        HookLog log = new("procfs hook", gate: new RepeatGate(RunDirectory.Warnings(options.RunDirectory)));
        if (options.Defect is { } defect)
        {
            log.Tell(HookEvent.WrongUse, $"nothing is done: {defect}; see procfs hook --help");
            return options.IsStrict ? Failed : 0;
        }

        // A bundle on a file system that hangs, a daemon that is stopped while it answers: nothing that waits may make the runtime wait.
        HookResult? result = null;
        Thread work = new(() => result = Attempt(options, log)) { IsBackground = true };
        work.Start();
        if (!work.Join(options.Within) || result is not { } done)
        {
            // What hangs may be the run directory.
            Thread report = new(() => log.Tell(HookEvent.NotDone, "not done: time was up")) { IsBackground = true };
            report.Start();
            _ = report.Join(HookRun.ForTheReport);
            int code = options.IsStrict ? Failed : 0;
            Libc.Exit(code); // not by a return: work may hang in the kernel
            return code;
        }

        log.Tell(done.What, done.Sentence);
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
            return new HookResult(HookEvent.NotDone, $"not done: {exception.GetType().Name}: {exception.Message}");
        }
    }
}
