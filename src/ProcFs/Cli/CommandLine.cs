using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using ProcFs.Cli.Manual;
using ProcFs.Fuse;
using ProcFs.Logging;

namespace ProcFs.Cli;

/// <summary>The verbs, and what is the same for all: exit codes, and one sentence for each error.</summary>
internal static class CommandLine
{
    public static int Run(string[] arguments)
    {
        ParseResult parsed = Parse(arguments);
        if (WhatIsWrong(parsed) is { } wrong)
        {
            return Fail(ExitCode.WrongUse, wrong);
        }

        return Guard(() => parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false }));
    }

    /// <summary>Runs something, and makes one sentence and an exit code of what is thrown for people.</summary>
    public static int Guard(Func<int> action)
    {
        try
        {
            return action();
        }
        catch (Failure failure)
        {
            return Fail(failure.Code, failure.Message);
        }
        catch (AggregateException failure) when (failure.InnerException is FuseException)
        {
            return Fail(ExitCode.Failed, failure.InnerException.Message);
        }
        catch (FuseException failure)
        {
            return Fail(ExitCode.Failed, failure.Message);
        }
    }

    public static ParseResult Parse(string[] arguments) => Build().Parse(arguments);

    /// <summary>One sentence; null when all of it can be understood.</summary>
    public static string? WhatIsWrong(ParseResult parsed)
    {
        if (parsed.Action is not ParseErrorAction)
        {
            return null;
        }

        string command = NameOf(parsed.CommandResult);
        string what = parsed.UnmatchedTokens.Count > 0
            ? $"unknown {(parsed.UnmatchedTokens[0].StartsWith('-') ? "option" : "argument")} {parsed.UnmatchedTokens[0]}"
            : parsed.Errors[0].Message.TrimEnd('.');
        return $"{what}; see {command} --help";
    }

    /// <summary>"procfs node install": with the verbs above it.</summary>
    private static string NameOf(CommandResult result)
        => result.Command is RootCommand || result.Parent is not CommandResult parent ? "procfs" : $"{NameOf(parent)} {result.Command.Name}";

    /// <summary>The whole command line, in the order in which help lists it.</summary>
    public static RootCommand Build()
    {
        RootCommand root = new("Container-aware /proc and /sys files: what a container reads fits its cgroup, not the host.");
        root.Subcommands.Add(ServeCommand.Create());
        root.Subcommands.Add(KeepCommand.Create());
        root.Subcommands.Add(SuperviseCommand.Create());
        root.Subcommands.Add(ShowCommand.Create());
        root.Subcommands.Add(RunCommand.Create());
        root.Subcommands.Add(AttachCommand.Create());
        root.Subcommands.Add(DetachCommand.Create());
        foreach (Command command in SwitchCommands.Create())
        {
            root.Subcommands.Add(command);
        }

        root.Subcommands.Add(StatusCommand.Create());
        root.Subcommands.Add(TargetsCommand.Create());
        root.Subcommands.Add(MetricsCommand.Create());
        root.Subcommands.Add(DoctorCommand.Create());
        root.Subcommands.Add(NodeCommand.Create());
        // The root has the name that we were called by, and cannot have a verb of the same.
        foreach (Command command in EngineCommands.Create().Where(command => command.Name != root.Name))
        {
            root.Subcommands.Add(command);
        }

        root.Subcommands.Add(RunInsideCommand.Create());
        root.Subcommands.Add(AskMountCommand.Create());
        root.Subcommands.Add(BindCommonCommand.Create());
        root.Subcommands.Add(AttacherCommand.Create());
        root.Subcommands.Add(ManCommand.Create());
        root.Subcommands.Add(CompletionCommand.Create());
        RootOptions.AddTo(root);
        return root;
    }

    private static int Fail(ExitCode code, string sentence)
    {
        // Without its priority the journal would take it for information.
        Console.Error.WriteLine((LogSetup.IsJournal() ? "<3>" : "") + "procfs: " + sentence);
        return (int)code;
    }
}
