using System.Reflection;
using ProcFs.Cli;
using ProcFs.Configuration;
using ProcFs.Containers;
using ProcFs.Fuse;
using ProcFs.Serving;

namespace ProcFs.Lxcfs;

/// <summary>
/// The program under lxcfs's name: its command line, its pid file, its layout at its directory; inside, <c>procfs supervise</c>, so that the mount outlives the
/// process that serves it. docs/lxcfs.md.
/// </summary>
internal static class LxcfsProgram
{
    /// <summary>Of a link to the program, and of the verb.</summary>
    public const string Name = "lxcfs";

    /// <summary>Null: it was called for something else.</summary>
    /// <param name="arguments">Without the program's name.</param>
    public static int? Run(string[] arguments)
    {
        string called = Environment.GetCommandLineArgs() is [string first, ..] ? Path.GetFileName(first) : "";
        return called == Name ? RunAs(arguments)
            : arguments is [Name, ..] ? RunAs(arguments[1..])
            : null;
    }

    /// <summary>What <c>procfs supervise</c> is told for these options.</summary>
    /// <param name="options">Without a defect.</param>
    /// <param name="isConfigured">Whether the configuration file sets a key.</param>
    public static IReadOnlyList<string> Translate(LxcfsOptions options, Func<string, bool> isConfigured)
    {
        List<string> arguments = ["supervise", "--mount", options.Mount!, "--run-dir", options.RunDirectory];
        if (options.CountsQuota || !isConfigured("cpuView"))
        {
            arguments.AddRange(["--set", options.CountsQuota ? "cpuView=quota" : "cpuView=cpuset"]);
        }

        if (options.HidesSwap)
        {
            arguments.AddRange(["--set", "swap=hide"]);
        }

        if (options.IsDebug)
        {
            arguments.AddRange(["--set", "logLevel=debug"]);
        }

        return arguments;
    }

    private static int RunAs(string[] arguments)
    {
        LxcfsOptions options = LxcfsOptions.Parse(arguments);
        if (options.WantsHelp)
        {
            Console.Out.Write(LxcfsOptions.Usage);
            return (int)ExitCode.Done;
        }

        if (options.WantsVersion)
        {
            string version = typeof(LxcfsProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
            Console.Out.WriteLine($"procfs {version}, as lxcfs");
            return (int)ExitCode.Done;
        }

        return CommandLine.Guard(() => Serve(options));
    }

    private static int Serve(LxcfsOptions options)
    {
        if (options.Defect is { } defect)
        {
            throw new Failure(ExitCode.WrongUse, $"{defect}; see lxcfs --help");
        }

        foreach (string note in options.Notes)
        {
            Console.Error.WriteLine($"procfs: as lxcfs: {note}");
        }

        ProcFsConfig config = ConfigFile.Load(null);
        string mount = MountPoint.Canonical(options.Mount!);
        LxcfsMount.Clear(mount);
        Directory.CreateDirectory(options.RuntimeDirectory);
        using PidFile pidFile = PidFile.Write(options.PidPath);
        if (ServerLock.Holder(options.RunDirectory, mount) == 0)
        {
            OffState.Write(OffState.PathOf(options.RunDirectory, mount), OffFiles.None); // lxcfs always begins with everything on
        }

        return CommandLine.Run([.. Translate(options with { Mount = mount }, config.Origins.ContainsKey)]);
    }
}
