using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.Extensions.Logging;
using ProcFs.Children;
using ProcFs.Interop;
using ProcFs.Keeping;
using ProcFs.Logging;
using ProcFs.Node;
using Serilog.Extensions.Logging;

namespace ProcFs.Cli;

/// <summary><c>procfs node</c>: a node of a cluster, from a pod of its own (docs/kubernetes.md), or from the node itself.</summary>
internal static class NodeCommand
{
    private static readonly Option<string> DirectoryOption = new("--directory")
    {
        Description = $"where the program is put on the node; {NodeEnvironment.Directory} in the environment says it, too",
        HelpName = "DIR",
        DefaultValueFactory = _ => NodeEnvironment.Of(NodeEnvironment.Directory) ?? NodePlaces.DefaultDirectory,
    };

    private static readonly Option<string> EnginesOption = new("--engines")
    {
        Description = "container engines to set up: containerd,crio or none [default: those that the node has]",
        HelpName = "LIST",
    };

    private static readonly Option<string> ContainerdOption = new("--containerd")
    {
        Description = "drop-in: only files that containerd's configuration imports; edit: that configuration itself, where that is not enough",
        HelpName = "HOW",
        DefaultValueFactory = _ => "drop-in",
    };

    private static readonly Option<string> ContainerdFileOption = new("--containerd-config")
    {
        Description = $"containerd's configuration on the node; {NodeEnvironment.ContainerdFile} in the environment says it, too",
        HelpName = "FILE",
        DefaultValueFactory = _ => NodeEnvironment.Of(NodeEnvironment.ContainerdFile) ?? EngineOptions.DefaultContainerdFile,
    };

    private static readonly Option<string> ContainerdUnitOption = new("--containerd-unit")
    {
        Description = "the unit that runs containerd",
        HelpName = "UNIT",
        DefaultValueFactory = _ => "containerd",
    };

    private static readonly Option<bool> AttachOption = new("--attach-running") { Description = "bring the files into containers of pods that run without them, too, and look for new ones every 5 s" };
    private static readonly Option<bool> OnceOption = new("--once") { Description = "end when it is done; without it the node is watched, and mended, until SIGTERM" };
    private static readonly Option<bool> WaitOption = new("--wait") { Description = "stay until SIGTERM when all is removed, as a DaemonSet's pod has to; try again while containers need the program" };
    private static readonly Option<string[]> StateOption = new("--state") { Description = "where an engine keeps the bundles of pods' containers [default: containerd's, wherever a distribution has it, and CRI-O's]", HelpName = "DIR" };
    private static readonly Option<bool> WatchOption = new("--watch") { Description = "look for new ones every 5 s, until SIGTERM" };
    private static readonly Option<bool> ForParentOption = new("--for-parent") { Hidden = true }; // ends with it
    private static readonly Option<bool> HereOption = new("--here") { Hidden = true, Recursive = true }; // this is the node already

    public static Command Create()
    {
        Command node = new("node", "Installs procfs on a node of a cluster and keeps it served, from a privileged pod or on the node itself.") { HereOption };
        node.Subcommands.Add(Verb("install", "Installs or upgrades the program, its service and the engines' way to it; then watches the node.", Install,
            EnginesOption, ContainerdOption, ContainerdFileOption, ContainerdUnitOption, AttachOption, StateOption, OnceOption));
        node.Subcommands.Add(Verb("uninstall", "Takes all of that away again; running containers see the kernel's own files.", Uninstall,
            EnginesOption, ContainerdFileOption, ContainerdUnitOption, WaitOption));
        node.Subcommands.Add(Verb("status", "Says whether the node is served; exit code 1 when it is not.", Status,
            EnginesOption, ContainerdFileOption));
        node.Subcommands.Add(NodeRunCommand.Create(DirectoryOption, HereOption));
        node.Subcommands.Add(Verb("attach", "Brings the files into containers of pods that run without them.", Attach,
            ContainerdFileOption, StateOption, WatchOption, ForParentOption));
        return node;
    }

    private static Command Verb(string name, string description, Func<ParseResult, NodePlaces, int> action, params Option[] options)
    {
        Command command = new(name, description) { DirectoryOption };
        foreach (Option option in options)
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result => Validate(result, options));
        command.SetAction(parsed => Run(parsed, name, action));
        return command;
    }

    private static void Validate(CommandResult result, Option[] options)
    {
        // An option that was not given has no value yet, and its default is in order.
        string? Given(Option<string> option) => result.GetResult(option) is { Implicit: false } ? result.GetValue(option) : null;

        (string Name, string? Value) directory = NodeEnvironment.Chosen(result, DirectoryOption, NodeEnvironment.Directory);
        (string Name, string? Value) file = NodeEnvironment.Chosen(result, ContainerdFileOption, NodeEnvironment.ContainerdFile);
        if (directory.Value is not null && NodePlaces.Refuse(directory.Value, directory.Name) is { } refusal)
        {
            result.AddError(refusal);
        }
        else if (options.Contains(EnginesOption) && Given(EnginesOption) is { } list && !AreEngines(Engines(list)!))
        {
            result.AddError($"--engines must be containerd, crio, both with a comma, or none, not \"{list}\"");
        }
        else if (options.Contains(ContainerdOption) && Given(ContainerdOption) is { } how and not ("drop-in" or "edit"))
        {
            result.AddError($"--containerd must be drop-in or edit, not \"{how}\"");
        }
        else if (options.Contains(ContainerdFileOption) && file.Value is not null && !Path.IsPathRooted(file.Value))
        {
            result.AddError($"{file.Name} must be an absolute path, not \"{file.Value}\"");
        }
    }

    private static bool AreEngines(List<string> names)
        => names.All(name => name is EngineOptions.Containerd or EngineOptions.Crio) || names is [EngineOptions.None];

    /// <summary>Goes to the node first, if it has to.</summary>
    private static int Run(ParseResult parsed, string name, Func<ParseResult, NodePlaces, int> action)
    {
        if (name != "attach" && (RootOptions.Mount(parsed) != RootOptions.DefaultMount || RootOptions.RunDirectory(parsed) != RootOptions.DefaultRunDirectory))
        {
            throw new Failure(ExitCode.WrongUse, $"node {name} takes neither --mount nor --run-dir: on a node these are {RootOptions.DefaultMount} and {RootOptions.DefaultRunDirectory}");
        }

        if (RootOptions.HasSettings(parsed))
        {
            throw new Failure(ExitCode.WrongUse, $"node {name} takes no --set: the node's daemon would not know of it; say --config FILE");
        }

        // Whatever is wrong with what is to be installed is said before anything on the node is touched. A file that is there already keeps nobody from looking, or removing.
        _ = name == "install" && RootOptions.ConfigPath(parsed) is not null ? RootOptions.Config(parsed) : null;
        if (Libc.EffectiveUserId() != 0)
        {
            throw new Failure(ExitCode.Impossible, $"node {name} needs root");
        }

        if (!parsed.GetValue(HereOption) && !NodeEntrance.IsOnNode())
        {
            return EnterNode(parsed, name);
        }

        if (NodeEntrance.ClaimPassed())
        {
            _ = Libc.SignalAtParentsEnd(Libc.SIGTERM); // the pod's first process may be killed
        }

        return action(parsed, new NodePlaces(parsed.GetValue(DirectoryOption)!));
    }

    private static int EnterNode(ParseResult parsed, string name)
    {
        string? config = RootOptions.ConfigPath(parsed);
        using FileDescriptor? file = config is null ? null : FileDescriptor.Open(config, Libc.O_RDONLY, out _);
        string[] given = [.. GivenOptions.Of(parsed)];
        if (file is not null)
        {
            // A file of the pod has no path on the node.
            given[Array.IndexOf(given, "--config") + 1] = NodeEntrance.FilePassed;
        }

        return NodeEntrance.Run(["node", name, "--here", .. given], file);
    }

    private static int Install(ParseResult parsed, NodePlaces places)
    {
        bool supervises = false;
        int code = Logged(parsed, "install", logger => Install(parsed, places, logger, out supervises));
        return supervises ? Supervise(parsed, places) : code;
    }

    /// <param name="parsed">What was given.</param>
    /// <param name="places">Where things lie.</param>
    /// <param name="logger">The pod's log.</param>
    /// <param name="supervises">There is no systemd, and this pod is to run the daemon.</param>
    private static int Install(ParseResult parsed, NodePlaces places, ILogger logger, out bool supervises)
    {
        string? configuration = RootOptions.ConfigPath(parsed) is { } path ? File.ReadAllText(path) : null;
        byte[] program = File.ReadAllBytes("/proc/self/exe");
        Systemctl? services = Systemctl.Find();
        NodeInstaller installer = new(places, services, EngineOf(parsed), logger);
        string InstallNow()
        {
            using FileDescriptor turn = NodeInstaller.Begin(places);
            return installer.Install(program, configuration);
        }

        using SignalInbox signals = new();
        signals.Catch(Libc.SIGTERM, Libc.SIGINT);
        string version = InstallNow();
        supervises = services is null && !parsed.GetValue(OnceOption);
        if (supervises)
        {
            NodeLog.Supervising(logger);
        }
        else if (!parsed.GetValue(OnceOption))
        {
            PodContainers? pods = parsed.GetValue(AttachOption) ? PodsOf(parsed, places, installer.Containerd.State, logger) : null;
            new NodeWatch(installer, version, () => InstallNow(), pods, TimeProvider.System, logger).Run(signals);
        }

        return (int)ExitCode.Done;
    }

    private static int Uninstall(ParseResult parsed, NodePlaces places) => Logged(parsed, "uninstall", logger =>
    {
        using SignalInbox signals = new();
        bool waits = parsed.GetValue(WaitOption);
        if (waits)
        {
            signals.Catch(Libc.SIGTERM, Libc.SIGINT);
        }

        int left;
        do
        {
            using (NodeInstaller.Begin(places))
            {
                left = new NodeRemoval(places, Systemctl.Find(), EngineOf(parsed), logger).Run();
            }

            if (waits)
            {
                signals.Wait(left > 0 ? TimeSpan.FromMinutes(1) : Timeout.InfiniteTimeSpan);
            }
        }
        while (waits && left > 0 && !signals.TryTake(out _));
        return (int)(left == 0 ? ExitCode.Done : ExitCode.Failed);
    });

    private static int Status(ParseResult parsed, NodePlaces places) => Logged(parsed, "status", logger =>
    {
        NodeInstaller installer = new(places, services: null, EngineOf(parsed), logger);
        Console.Out.Write(new NodeStatus(places, installer).Describe(out bool isServed));
        return (int)(isServed ? ExitCode.Done : ExitCode.Failed);
    });

    private static int Attach(ParseResult parsed, NodePlaces places) => Logged(parsed, "attach", logger =>
    {
        PodContainers pods = PodsOf(parsed, places, new ContainerdSetup(places, EngineOf(parsed), services: null, logger).State, logger);
        if (parsed.GetValue(WatchOption))
        {
            int parent = parsed.GetValue(ForParentOption) ? Libc.ParentProcessId() : 0;
            using SignalInbox signals = new();
            signals.Catch(Libc.SIGTERM, Libc.SIGINT);
            new PodWatch(pods, parent, logger).Run(signals);
        }
        else
        {
            NodeLog.Attached(logger, pods.Attach());
        }

        return (int)ExitCode.Done;
    });

    private static PodContainers PodsOf(ParseResult parsed, NodePlaces places, string? containerdState, ILogger logger)
    {
        string runDirectory = RootOptions.RunDirectory(parsed);
        string procRoot = RootOptions.Roots(parsed).Proc;
        string program = File.Exists(places.Program) ? places.Program : Hook.OwnProgram.Path;
        IReadOnlyList<string> states = parsed.GetResult(StateOption) is { Implicit: false } ? parsed.GetValue(StateOption)! : PodContainers.DefaultStates(containerdState);
        return new PodContainers([program, "hook", "--run-dir", runDirectory, "--proc-root", procRoot], runDirectory, procRoot, states, logger);
    }

    /// <summary>Without systemd this process becomes the supervisor: its pod's end is the end of the mount.</summary>
    private static int Supervise(ParseResult parsed, NodePlaces places)
    {
        if (parsed.GetValue(AttachOption))
        {
            string[] states = parsed.GetResult(StateOption) is { Implicit: false } ? [.. parsed.GetValue(StateOption)!.SelectMany(state => new[] { "--state", state })] : [];
            int pid = Libc.Spawn(places.Program, ["procfs", "node", "attach", "--here", "--watch", "--for-parent",
                "--directory", places.Directory, "--containerd-config", EngineOf(parsed).ContainerdFile, .. states],
                ChildEnvironment.Of(Environment.GetEnvironmentVariables()), []);
            if (pid < 0)
            {
                throw new Failure(ExitCode.Failed, $"cannot run {places.Program}: {Libc.Describe(Libc.ErrorOf(pid))}");
            }
        }

        int failed = Libc.BecomeProgram(places.Program, ["procfs", "supervise"]);
        throw new Failure(ExitCode.Failed, $"cannot become {places.Program}: {Libc.Describe(Libc.ErrorOf(failed))}");
    }

    private static EngineOptions EngineOf(ParseResult parsed) => new(
        Engines(parsed.GetValue(EnginesOption)),
        parsed.GetResult(ContainerdOption) is not null && parsed.GetValue(ContainerdOption) == "edit",
        parsed.GetResult(ContainerdFileOption) is null ? EngineOptions.DefaultContainerdFile : parsed.GetValue(ContainerdFileOption)!,
        parsed.GetResult(ContainerdUnitOption) is null ? "containerd" : parsed.GetValue(ContainerdUnitOption)!);

    private static List<string>? Engines(string? list) => list is null ? null : [.. list.Split(',', StringSplitOptions.TrimEntries)];

    private static int Logged(ParseResult parsed, string verb, Func<ILogger, int> action)
    {
        // A pod's log is its standard output.
        _ = Libc.Duplicate(1, 2);
        using Serilog.Core.Logger log = LogSetup.Create(RootOptions.ConfigOrDefaults(parsed, out string? defect));
        using SerilogLoggerFactory factory = new(log);
        ILogger logger = factory.CreateLogger("procfs.node." + verb);
        if (defect is not null)
        {
            AttachingLog.NoConfig(logger, defect);
        }

        return action(logger);
    }
}
