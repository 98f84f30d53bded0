using ProcFs.Hook.Hooking;
using ProcFs.Hook.Settings;

namespace ProcFs.Hook.Wrapping;

/// <summary>The wrapper's own options, which come before those of the real runtime.</summary>
internal sealed record RuntimeOptions
{
    public const string Usage = """
        Usage: procfs runtime [OPTIONS] [--] ARGUMENTS OF THE RUNTIME
               procfs-runtime [OPTIONS] [--] ARGUMENTS OF THE RUNTIME     switched on without --enable-lxcfs

        Stands in the place of runc or crun: has a new container get its files, and becomes the real runtime.

          --enable-lxcfs[=MODE]   switch it on: always, or annotation: only containers with io.procfs.enable=1
                                  [default MODE: always]
          --runtime NAME|PATH     the real runtime
                                  [default: "runtime" of the configuration, else runc or crun in the PATH]
          --mode MODE             hooks, or mounts, for runtimes that run no hooks [default: hooks]
          --strict                no container without its files
          --only-limited          only containers with a limit of memory or CPUs
          --run-dir DIR           state of the daemon [default: /run/procfs]
          --mount DIR             where the common files are, for --mode mounts [default: /var/lib/procfs]
          --proc-root DIR         procfs of the host that has the containers [default: /proc]
          --config FILE           the configuration file [default: /etc/procfs/procfs.json, if there]

        The first word that is none of these, and all behind it, is the runtime's.

        """;

    /// <summary>--enable-lxcfs was given, or the program's name says it.</summary>
    public bool IsEnabled { get; init; }

    /// <summary>Null: by the configuration.</summary>
    public EnableMode? Enable { get; init; }

    /// <summary>Null: by the configuration.</summary>
    public string? Runtime { get; init; }

    public WrapMode Mode { get; init; }

    public bool IsStrict { get; init; }

    public bool OnlyLimited { get; init; }

    /// <summary>Null: the default.</summary>
    public string? RunDirectory { get; init; }

    public string Mount { get; init; } = "/var/lib/procfs";

    /// <summary>Null: the default.</summary>
    public string? ProcRoot { get; init; }

    /// <summary>Null: the default one, if it is there.</summary>
    public string? ConfigPath { get; init; }

    public bool WantsHelp { get; init; }

    /// <summary>What is wrong, in one sentence; null: nothing.</summary>
    public string? Defect { get; init; }

    /// <summary>All that is the runtime's.</summary>
    public IReadOnlyList<string> Rest { get; init; } = [];

    public static RuntimeOptions Parse(IReadOnlyList<string> words, bool isEnabled)
    {
        RuntimeOptions options = new() { IsEnabled = isEnabled };
        Arguments arguments = new(words);
        while (arguments.Next is not null)
        {
            int position = arguments.Position;
            string word = arguments.Take();
            RuntimeOptions? changed = word switch
            {
                "--enable-lxcfs" => options with { IsEnabled = true, Enable = ModeOf(arguments, word) },
                "--runtime" => options with { Runtime = arguments.Value(word) },
                "--mode" => options with { Mode = WayOf(arguments, word) },
                "--strict" => options with { IsStrict = true },
                "--only-limited" => options with { OnlyLimited = true },
                "--run-dir" => options with { RunDirectory = arguments.Path(word) },
                "--mount" => options with { Mount = arguments.Path(word) },
                "--proc-root" => options with { ProcRoot = arguments.Path(word) },
                "--config" => options with { ConfigPath = arguments.Path(word) },
                "--help" or "-h" when position == 0 && !isEnabled => options with { WantsHelp = true },
                _ => null,
            };
            if (changed is null)
            {
                return options with { Rest = [.. words.Skip(word == "--" ? position + 1 : position)], Defect = arguments.Defect };
            }

            options = changed;
        }

        return options with { Defect = arguments.Defect };
    }

    private static EnableMode ModeOf(Arguments arguments, string option)
    {
        string word = arguments.ValueIfAttached() ?? HookSettings.EnableWords[0];
        if (HookSettings.ParseEnable(word) is { } mode)
        {
            return mode;
        }

        arguments.Refuse($"{option} may be followed by =always or =annotation, not by ={word}");
        return EnableMode.Always;
    }

    private static WrapMode WayOf(Arguments arguments, string option)
    {
        string word = arguments.Value(option);
        if (word is not ("hooks" or "mounts"))
        {
            arguments.Refuse($"{option} must be hooks or mounts");
        }

        return word == "mounts" ? WrapMode.Mounts : WrapMode.Hooks;
    }
}
