using System.CommandLine;
using System.CommandLine.Parsing;
using ProcFs.Configuration;
using ProcFs.Host;
using ProcFs.Serving;

namespace ProcFs.Cli;

/// <summary>Where things are: options that every verb understands.</summary>
internal static class RootOptions
{
    public const string DefaultMount = "/var/lib/procfs";
    public const string DefaultRunDirectory = "/run/procfs";

    private static readonly Option<string?> MountOption = Directory("--mount", "the directory that the files are served in", DefaultMount);
    private static readonly Option<string?> RunOption = Directory("--run-dir", "state of running daemons", DefaultRunDirectory);
    private static readonly Option<string?> ProcOption = Directory("--proc-root", "procfs of the host that has the containers", HostRoots.DefaultProc);
    private static readonly Option<string?> CgroupOption = Directory("--cgroup-root", "cgroup hierarchies of that host", Cgroups.CgroupLayout.DefaultRoot);
    private static readonly Option<string?> ConfigOption = new("--config")
    {
        Description = $"the configuration file [default: {ConfigFile.DefaultPath}, if there]",
        HelpName = "FILE",
        Recursive = true,
    };

    private static readonly Option<string[]> SetOption = new("--set")
    {
        Description = "a key of the configuration, before the file's: cpuView=cpuset",
        HelpName = "KEY=VALUE",
        Recursive = true,
    };

    public static void AddTo(RootCommand root)
    {
        root.Options.Add(MountOption);
        root.Options.Add(RunOption);
        root.Options.Add(ProcOption);
        root.Options.Add(CgroupOption);
        root.Options.Add(ConfigOption);
        root.Options.Add(SetOption);
        root.Validators.Add(RefuseEmpty);
        foreach (Command verb in root.Subcommands)
        {
            verb.Validators.Add(RefuseEmpty);
        }
    }

    /// <summary>Absolute, without a slash at the end.</summary>
    public static string Mount(ParseResult parsed) => Full(parsed.GetValue(MountOption)!);

    /// <summary>Whether somebody chose the mount point, rather than taking the default.</summary>
    public static bool MountIsGiven(ParseResult parsed) => parsed.GetResult(MountOption) is { Implicit: false };

    /// <summary>Whether keys were set on the command line.</summary>
    public static bool HasSettings(ParseResult parsed) => parsed.GetResult(SetOption) is { Implicit: false };

    /// <inheritdoc cref="Mount"/>
    public static string RunDirectory(ParseResult parsed) => Full(parsed.GetValue(RunOption)!);

    public static HostRoots Roots(ParseResult parsed) => HostRoots.From(parsed.GetValue(ProcOption)!, parsed.GetValue(CgroupOption)!);

    /// <exception cref="Failure">A setting of the command line is none.</exception>
    public static void RefuseSettings(ParseResult parsed) => _ = ConfigSetting.Apply(new ProcFsConfig(), parsed.GetValue(SetOption) ?? []);

    /// <exception cref="Failure">It cannot be read or understood.</exception>
    public static ProcFsConfig Config(ParseResult parsed) => Config(parsed, parsed.GetValue(ConfigOption));

    /// <summary>The same from another file.</summary>
    /// <exception cref="Failure">It cannot be read or understood.</exception>
    public static ProcFsConfig Config(ParseResult parsed, string? file) => ConfigSetting.Apply(ConfigFile.Load(file), parsed.GetValue(SetOption) ?? []);

    /// <summary>For verbs that have to work whatever the file says: the defaults where it cannot be used.</summary>
    /// <param name="parsed">What was given.</param>
    /// <param name="defect">Why not, in one sentence; null: it could be used.</param>
    public static ProcFsConfig ConfigOrDefaults(ParseResult parsed, out string? defect)
    {
        try
        {
            defect = null;
            return Config(parsed);
        }
        catch (Failure failure)
        {
            defect = failure.Message;
            return new ProcFsConfig();
        }
    }

    /// <summary>
    /// For verbs that tell what containers are shown, whatever the file says by now: where that cannot be used, what the daemon has understood last and still goes by,
    /// and the defaults where there is no such copy.
    /// </summary>
    /// <param name="parsed">What was given.</param>
    /// <param name="defect">Why not the file, and what counts instead, in one sentence; null: the file counts.</param>
    /// <exception cref="Failure">A setting of the command line is none.</exception>
    public static ProcFsConfig ConfigInUse(ParseResult parsed, out string? defect)
    {
        defect = null;
        try
        {
            return Config(parsed);
        }
        catch (Failure failure)
        {
            ProcFsConfig config = ConfigSetting.Apply(LastUnderstood(parsed, out string what), parsed.GetValue(SetOption) ?? []);
            defect = $"{failure.Message}; until that is mended {what}";
            return config;
        }
    }

    /// <summary>The configuration file that was named, for handing on; null for the default one.</summary>
    public static string? ConfigPath(ParseResult parsed) => parsed.GetValue(ConfigOption) is { } path ? Full(path) : null;

    /// <summary>All of them as options, for handing on.</summary>
    /// <param name="parsed">What was given.</param>
    /// <param name="mount">Another mount point: a keeper has all those of its run directory.</param>
    public static IReadOnlyList<string> Arguments(ParseResult parsed, string? mount = null)
    {
        HostRoots roots = Roots(parsed);
        return
        [
            "--mount", mount ?? Mount(parsed), "--run-dir", RunDirectory(parsed), "--proc-root", roots.Proc, "--cgroup-root", roots.Cgroup,
            .. ConfigPath(parsed) is { } config ? new[] { "--config", config } : [],
            .. (parsed.GetValue(SetOption) ?? []).SelectMany(setting => new[] { "--set", setting }),
        ];
    }

    private static ProcFsConfig LastUnderstood(ParseResult parsed, out string what)
    {
        string copy = LastConfig.PathOf(RunDirectory(parsed), Mount(parsed));
        try
        {
            if (File.Exists(copy))
            {
                what = $"{copy} counts, which the daemon has understood last";
                return ConfigFile.Load(copy);
            }
        }
        catch (Failure)
        {
            // Of a newer version perhaps.
        }

        what = "the defaults count";
        return new ProcFsConfig();
    }

    private static void RefuseEmpty(CommandResult result)
    {
        foreach (Option<string?> option in new[] { MountOption, RunOption, ProcOption, CgroupOption, ConfigOption })
        {
            if (result.GetResult(option) is { Implicit: false, Tokens: [{ Value: "" }] })
            {
                result.AddError($"{option.Name} must not be empty");
            }
        }
    }

    private static string Full(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    private static Option<string?> Directory(string name, string description, string byDefault) => new(name)
    {
        Description = description,
        HelpName = "DIR",
        DefaultValueFactory = _ => byDefault,
        Recursive = true,
    };
}
