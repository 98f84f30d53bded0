using System.CommandLine;
using System.CommandLine.Parsing;
using ProcFs.Interop;
using ProcFs.Node;

namespace ProcFs.Cli;

/// <summary><c>procfs node run</c>: a verb that looks, run from a pod on its node, by the program that is installed there. In the pod itself it would see the pod's own files.</summary>
internal static class NodeRunCommand
{
    /// <summary>None of them changes what is served.</summary>
    private static readonly string[] Verbs = ["status", "doctor", "metrics", "show", "targets"];

    private static readonly string List = string.Join(", ", Verbs);

    /// <param name="directory">Where the program is on the node.</param>
    /// <param name="here">This is the node already.</param>
    public static Command Create(Option<string> directory, Option<bool> here)
    {
        Argument<string[]> words = new("VERB") { Description = $"one of {List}, and its options, behind two dashes", Arity = ArgumentArity.OneOrMore };
        Command command = new("run", "Runs a verb that looks on the node, with the program that is installed there: procfs node run -- doctor.") { directory, words };
        command.Validators.Add(result =>
        {
            (string name, string? value) = NodeEnvironment.Chosen(result, directory, NodeEnvironment.Directory);
            if (value is not null && NodePlaces.Refuse(value, name) is { } refusal)
            {
                result.AddError(refusal);
            }
            else if (result.GetValue(words) is [{ } verb, ..] && !Verbs.Contains(verb))
            {
                result.AddError($"node run runs {List}, not \"{verb}\"");
            }
        });
        command.SetAction(parsed =>
        {
            string[] given = parsed.GetValue(words)!;
            if (parsed.RootCommandResult.Children.Concat(parsed.CommandResult.Children).OfType<OptionResult>().Any(option => !option.Implicit && option.Option != directory && option.Option != here))
            {
                throw new Failure(ExitCode.WrongUse, $"the options of what node run runs stand behind two dashes, as in procfs node run -- {given[0]} --help");
            }

            return Run(parsed.GetValue(directory)!, given, parsed.GetValue(here));
        });
        return command;
    }

    private static int Run(string directory, string[] words, bool isHere)
    {
        if (Libc.EffectiveUserId() != 0)
        {
            throw new Failure(ExitCode.Impossible, "node run needs root");
        }

        if (!isHere && !NodeEntrance.IsOnNode())
        {
            return NodeEntrance.Run(["node", "run", "--here", "--directory", directory, "--", .. words], file: null);
        }

        if (NodeEntrance.ClaimPassed())
        {
            _ = Libc.SignalAtParentsEnd(Libc.SIGTERM); // that of whoever waits for it in the pod; it outlives execve
        }

        // The node's own, which wrote what is to be read: ours, or a package's. Before there is any, that of the pod.
        string installed = new NodePlaces(directory).Program;
        string program = File.Exists(installed) ? installed : NodeTool.Find("procfs") ?? "/proc/self/exe";
        int failed = Libc.BecomeProgram(program, ["procfs", .. words]);
        throw new Failure(ExitCode.Failed, $"cannot become {program}: {Libc.Describe(Libc.ErrorOf(failed))}");
    }
}
