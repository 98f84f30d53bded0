using System.CommandLine;
using System.Globalization;
using System.Text;
using ProcFs.Node;
using ProcFs.Status;

namespace ProcFs.Cli;

/// <summary><c>procfs status</c>: how the registered containers are, what they are shown, and by which rule. Asks the kernel, never a mount.</summary>
internal static class StatusCommand
{
    private const double ByDefault = 2;
    private const double Shortest = 0.1;
    private const double Longest = 3600;

    public static Command Create()
    {
        Option<bool> json = new("--json") { Description = "as JSON, with the rules" };
        Option<bool> why = new("--why") { Description = "with the rule behind each number" };
        Option<bool> health = new("--health") { Description = "only whether the mount is served, in one line; exit code 1 when it is not" };
        Option<string?> watch = new("--watch")
        {
            Description = "again and again, every two seconds or as many as are said, until it is interrupted",
            HelpName = "SECONDS",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Command command = new("status", "Lists the registered containers: their files, what they are shown, by which rule, and how often they read.") { json, why, watch, health };
        command.Validators.Add(result =>
        {
            if (result.GetValue(health) && (result.GetValue(why) || result.GetResult(watch) is { Implicit: false }))
            {
                result.AddError("--health excludes --why and --watch");
            }

            if (result.GetValue(watch) is { } seconds && Parse(seconds) is null)
            {
                result.AddError(FormattableString.Invariant($"--watch must be a number of seconds from {Shortest} to {Longest}, not \"{seconds}\""));
            }
        });
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(health))
            {
                return (int)Health(parsed, parsed.GetValue(json));
            }

            Run(parsed, parsed.GetValue(json), parsed.GetValue(why), parsed.GetResult(watch) is null ? null : parsed.GetValue(watch) is { } seconds ? Parse(seconds) : ByDefault);
            return (int)ExitCode.Done;
        });
        return command;
    }

    private static double? Parse(string seconds)
        => double.TryParse(seconds, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double parsed) && parsed is >= Shortest and <= Longest ? parsed : null;

    /// <summary>Reads no configuration and looks at no container: it must answer in any case, and at once.</summary>
    private static ExitCode Health(ParseResult parsed, bool asJson)
    {
        MountHealth health = MountHealth.Look(RootOptions.Roots(parsed), RootOptions.RunDirectory(parsed), RootOptions.Mount(parsed));
        StandardOutput.Write(asJson ? health.Json() : Encoding.UTF8.GetBytes(health.Sentence + "\n"));
        if (health.State == HealthState.Unserved && NodeEntrance.Elsewhere("status --health") is { } elsewhere)
        {
            Console.Error.WriteLine($"procfs: {elsewhere}");
        }

        return health.IsServed ? ExitCode.Done : ExitCode.Failed;
    }

    private static void Run(ParseResult parsed, bool asJson, bool withWhy, double? everySeconds)
    {
        bool isScreen = everySeconds is not null && !asJson && !Console.IsOutputRedirected;
        StatusReport? before = null;
        string? told = null;
        while (true)
        {
            // Anew each time, with what is configured and switched off by then.
            StatusReader reader = new(RootOptions.Roots(parsed), RootOptions.RunDirectory(parsed), RootOptions.Mount(parsed), RootOptions.ConfigInUse(parsed, out string? defect));
            StatusReport now = reader.Read();
            StatusReport report = before is null ? now : now.Since(before);
            byte[] text = asJson ? StatusJson.Format(report) : Encoding.UTF8.GetBytes(StatusTable.Format(report, withWhy));
            // From the top left, and nothing of what stood below.
            StandardOutput.Write([.. isScreen ? "\e[H\e[J"u8 : before is not null && !asJson ? "\n"u8 : [], .. text]);
            // Beside the table, which a file that somebody is just writing must not take away. Where it was cleared, again.
            string? note = defect ?? (report.State == HealthState.Unserved ? NodeEntrance.Elsewhere("status") : null);
            if (note is not null && (isScreen || note != told))
            {
                Console.Error.WriteLine($"procfs: {note}");
            }

            told = note;
            if (everySeconds is not { } seconds)
            {
                return;
            }

            before = now;
            Thread.Sleep(TimeSpan.FromSeconds(seconds));
        }
    }
}
