using System.CommandLine;
using ProcFs.Trial;

namespace ProcFs.Cli;

/// <summary><c>procfs run</c>: a command in a throw-away cgroup and namespaces, with the files attached; no container runtime needed.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        Option<string?> memory = new("--memory") { Description = "memory limit in bytes, or with k, m, g: 50m", HelpName = "BYTES" };
        Option<string?> cpus = new("--cpus") { Description = "CPU quota in CPUs: 1.5", HelpName = "NUMBER" };
        Option<string?> cpuset = new("--cpuset") { Description = "CPUs it may run on: 0 or 0,2-3", HelpName = "LIST" };
        Argument<string[]> program = new("COMMAND") { Description = "the program and its arguments, after --", Arity = ArgumentArity.OneOrMore };
        Command command = new("run", "Runs a command in a throw-away cgroup and namespaces with the files attached, to try them without a container engine.")
        {
            memory, cpus, cpuset, program,
        };
        command.SetAction(parsed => TrialRun.Run(new TrialOptions
        {
            Limits = TrialLimits.Parse(parsed.GetValue(memory), parsed.GetValue(cpus), parsed.GetValue(cpuset)),
            Command = parsed.GetValue(program)!,
            Mount = RootOptions.Mount(parsed),
            RunDirectory = RootOptions.RunDirectory(parsed),
            Roots = RootOptions.Roots(parsed),
            ConfigPath = RootOptions.ConfigPath(parsed),
        }));
        return command;
    }
}
