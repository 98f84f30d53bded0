using ProcFs.Hook.Settings;

namespace ProcFs.Hook.Hooking;

/// <summary>The command line of a hook.</summary>
internal sealed record HookOptions
{
    public const string Usage = """
        Usage: procfs hook [OPTIONS]              as an OCI hook, the container's state on standard input
               procfs hook lxc [OPTIONS] ...      as a hook of LXC, which adds its own arguments

        Gets the files into one container that is being started, or forgets one that has ended.
        It never keeps a container from starting, unless --strict says so.

          --stage STAGE      createRuntime, prestart, poststart, createContainer or poststop
                             [default: poststop when the state says "stopped", else createRuntime]
          --strict           fail, and so the container's start, when the files cannot be attached
          --only-limited     only containers with a limit of memory or CPUs
          --enable MODE      always, or annotation: only containers with io.procfs.enable=1
                             [default: "enable" of the configuration, else always]
          --files LIST       these files only, as meminfo,cpu/online [default: all that are served]
          --cpu VIEW         quota, cpuset, all or a number [default: this and the next four: as the daemon is configured]
          --cpu-numbering N  virtual (from 0) or host
          --btime WHOSE      host or container
          --swap CHOICE      show or hide
          --memory TOTAL     limit, or a number of bytes, as 512m
          --run-dir DIR      state of the daemon [default: /run/procfs]
          --mount DIR        where the common files are, for createContainer [default: /var/lib/procfs]
          --proc-root DIR    procfs of the host that has the containers [default: /proc]
          --config FILE      the configuration file [default: /etc/procfs/procfs.json, if there]

        """;

    /// <summary>Null: by the state.</summary>
    public HookStage? Stage { get; init; }

    public bool IsStrict { get; init; }

    public bool OnlyLimited { get; init; }

    /// <summary>Null: by the configuration.</summary>
    public EnableMode? Enable { get; init; }

    public IReadOnlyList<string>? Files { get; init; }

    /// <summary>The choices of <see cref="ViewWords"/> that were given, by name.</summary>
    public IReadOnlyDictionary<string, string> View { get; init; } = new Dictionary<string, string>();

    public string RunDirectory { get; init; } = ProcFs.Hook.RunDirectory.Default;

    public string Mount { get; init; } = "/var/lib/procfs";

    public string ProcRoot { get; init; } = "/proc";

    /// <summary>Null: the default one, if it is there.</summary>
    public string? ConfigPath { get; init; }

    /// <summary>Called by LXC: what it says.</summary>
    public LxcCall? Lxc { get; init; }

    public bool WantsHelp { get; init; }

    /// <summary>How long all of it may take; tests on a busy machine give it more.</summary>
    public TimeSpan Within { get; init; } = HookRun.Within;

    /// <summary>How long the daemon may take for an answer.</summary>
    public TimeSpan DaemonWithin { get; init; } = HookRun.DaemonWithin;

    /// <summary>What is wrong with the command line, in one sentence; null: nothing.</summary>
    public string? Defect { get; init; }

    /// <param name="words">Behind "hook".</param>
    /// <param name="environment">The value of a variable; null when it is not set.</param>
    public static HookOptions Parse(IReadOnlyList<string> words, Func<string, string?> environment)
    {
        HookOptions options = new();
        Arguments arguments = new(words);
        List<string> others = [];
        while (arguments.Next is not null)
        {
            string word = arguments.Take();
            options = word switch
            {
                "--stage" => options with { Stage = StageOf(arguments, word) },
                "--strict" => options with { IsStrict = true },
                "--only-limited" => options with { OnlyLimited = true },
                "--enable" => options with { Enable = Mode(arguments, word) },
                "--files" => options with { Files = Names(arguments, word) },
                "--run-dir" => options with { RunDirectory = arguments.Path(word) },
                "--mount" => options with { Mount = arguments.Path(word) },
                "--proc-root" => options with { ProcRoot = arguments.Path(word) },
                "--config" => options with { ConfigPath = arguments.Path(word) },
                "--help" or "-h" => options with { WantsHelp = true },
                "--" => options with { Defect = Rest(arguments, others) },
                _ when ViewOption(word) is { } choice => options with { View = WithChoice(options.View, choice, arguments) },
                _ => Other(options, arguments, word, others),
            };
        }

        bool isLxc = others.Count > 0 && others[0] == "lxc";
        if (others.Count > 0 && !isLxc)
        {
            arguments.Refuse($"unknown argument {others[0]}");
        }

        return options with { Lxc = isLxc ? LxcCall.From(others[1..], environment) : null, Defect = arguments.Defect };
    }

    private static HookOptions Other(HookOptions options, Arguments arguments, string word, List<string> others)
    {
        if (word.StartsWith('-'))
        {
            arguments.Refuse($"unknown option {word}");
        }
        else
        {
            others.Add(word);
        }

        return options;
    }

    /// <summary>What LXC adds behind "--" is never an option, whatever the container is called.</summary>
    private static string? Rest(Arguments arguments, List<string> others)
    {
        while (arguments.Next is not null)
        {
            others.Add(arguments.TakeWord());
        }

        return null;
    }

    private static HookStage? StageOf(Arguments arguments, string option)
    {
        HookStage? stage = arguments.Value(option) switch
        {
            "createRuntime" => HookStage.CreateRuntime,
            "prestart" => HookStage.Prestart,
            "createContainer" => HookStage.CreateContainer,
            "poststart" => HookStage.Poststart,
            "poststop" => HookStage.Poststop,
            _ => null,
        };
        if (stage is null)
        {
            arguments.Refuse($"{option} must be createRuntime, prestart, poststart, createContainer or poststop");
        }

        return stage;
    }

    private static EnableMode? Mode(Arguments arguments, string option)
    {
        EnableMode? mode = HookSettings.ParseEnable(arguments.Value(option));
        if (mode is null)
        {
            arguments.Refuse($"{option} must be always or annotation");
        }

        return mode;
    }

    private static IReadOnlyList<string> Names(Arguments arguments, string option)
    {
        IReadOnlyList<string> files = FileChoice.Parse(arguments.Value(option), out IReadOnlyList<string> strange);
        if (strange.Count > 0 || files.Count == 0)
        {
            arguments.Refuse($"{option} must be names of files as meminfo,cpu/online");
        }

        return files;
    }

    private static ViewWord? ViewOption(string word) => ViewWords.All.FirstOrDefault(choice => choice.Option == word);

    private static Dictionary<string, string> WithChoice(IReadOnlyDictionary<string, string> before, ViewWord choice, Arguments arguments)
    {
        string value = arguments.Value(choice.Option);
        if (!choice.IsPossible(value))
        {
            arguments.Refuse($"{choice.Option} must be {choice.Expected}");
        }

        return new Dictionary<string, string>(before, StringComparer.Ordinal) { [choice.Name] = value };
    }
}
