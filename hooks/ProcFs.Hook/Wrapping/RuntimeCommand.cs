using ProcFs.Hook.Output;
using ProcFs.Hook.Settings;
using ProcFs.Interop;

namespace ProcFs.Hook.Wrapping;

/// <summary>
/// The verb "runtime": prepares the bundle when a container is to be made, and becomes the real runtime in any case. No child, so pid, signals, exit
/// code, descriptors, cgroup and terminal are the runtime's own.
/// </summary>
internal static class RuntimeCommand
{
    private const int Failed = 1;
    private const int WrongUse = 2;

    /// <summary>Returns only when there is no runtime to become, or with --strict.</summary>
    /// <param name="called">argv[0], to be handed on; null: it is this program's own, and the runtime gets its own.</param>
    /// <param name="words">Behind the verb.</param>
    /// <param name="isEnabled">Without --enable-lxcfs, too.</param>
    public static int Run(string? called, IReadOnlyList<string> words, bool isEnabled)
    {
        RuntimeOptions options = RuntimeOptions.Parse(words, isEnabled);
        HookLog log = new("procfs runtime", gate: new RepeatGate(RunDirectory.Warnings(options.RunDirectory ?? RunDirectory.Default)));
        if (options.WantsHelp)
        {
            RawOutput.Write(RawOutput.StandardOutput, RuntimeOptions.Usage);
            return 0;
        }

        if (options.Defect is { } wrong)
        {
            log.Tell(HookEvent.WrongUse, $"{wrong}; see procfs runtime --help");
            return WrongUse;
        }

        HookSettings settings = HookSettings.Read(options.ConfigPath, out string? defect);
        if (defect is not null)
        {
            log.Tell(HookEvent.Remark, defect);
        }

        string self = OwnProgram.Path;
        RuntimeCall call = RuntimeCall.Parse(options.Rest);
        if (options.IsEnabled && call.MakesContainer && Prepare(options, settings, log, call, self) is { } failure)
        {
            log.Tell(HookEvent.NoFiles, $"the container of {call.Bundle} gets no files: {failure}");
            if (options.IsStrict)
            {
                return Failed;
            }
        }

        string? runtime = RuntimeFinder.Find(options.Runtime ?? settings.Runtime, Environment.GetEnvironmentVariable("PATH"), self, out string missing);
        if (runtime is null)
        {
            log.Tell(HookEvent.NoRuntime, missing);
            return Failed;
        }

        if (RuntimeMark.IsOurs())
        {
            log.Tell(HookEvent.NoRuntime, $"not becoming {runtime}, since this process was procfs runtime before: it leads back here; name the real runtime with --runtime");
            return Failed;
        }

        RuntimeMark.Set();
        Errno error = Libc.ErrorOf(Libc.BecomeProgram(runtime, [called ?? runtime, .. options.Rest]));
        log.Tell(HookEvent.NoRuntime, $"cannot run {runtime}: {Libc.Describe(error)}");
        return Failed;
    }

    private static string? Prepare(RuntimeOptions options, HookSettings settings, HookLog log, RuntimeCall call, string? self)
    {
        if (call.HasOtherConfig)
        {
            return "its configuration is not in its bundle (--config)";
        }

        try
        {
            // A file that was replaced since would be gone when the hook is to be run.
            return new Bundle(options, settings, log).Prepare(Path.GetFullPath(call.Bundle), File.Exists(self) ? self : null);
        }
#pragma warning disable CA1031 // whatever it is: the container shall start
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return $"{exception.GetType().Name}: {exception.Message}";
        }
    }
}
