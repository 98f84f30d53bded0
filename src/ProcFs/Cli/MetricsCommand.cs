using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Attaching;
using ProcFs.Hook.Attaching;
using ProcFs.Hook.Registration;
using ProcFs.Metrics;
using ProcFs.Node;
using ProcFs.Serving;
using ProcFs.Text;

namespace ProcFs.Cli;

/// <summary><c>procfs metrics</c>: what the daemon has counted, for Prometheus. The daemon is not asked: it may hang, or be gone.</summary>
internal static class MetricsCommand
{
    public static Command Create()
    {
        Option<string?> to = new("--out") { Description = "writes them to a file, which is replaced as a whole: for node_exporter's textfile collector", HelpName = "FILE" };
        Option<string?> every = new("--every") { Description = "writes the file again and again, after so many seconds, until it is interrupted; with --out", HelpName = "SECONDS" };
        Command command = new("metrics", "Prints what was counted, as Prometheus reads it.") { to, every };
        command.Validators.Add(result =>
        {
            if (result.GetValue(to) is { Length: 0 })
            {
                result.AddError("--out must not be empty");
            }
            else if (result.GetValue(every) is { } seconds && (Parse(seconds) is null || result.GetValue(to) is null))
            {
                result.AddError(Parse(seconds) is null ? $"--every must be a number of seconds from 1 to 3600, not \"{seconds}\"" : "--every writes a file again and again: name it with --out");
            }
        });
        command.SetAction(parsed =>
        {
            if (!Run(parsed, parsed.GetValue(to)) && NodeEntrance.Elsewhere("metrics") is { } elsewhere)
            {
                Console.Error.WriteLine($"procfs: {elsewhere}");
            }

            while (parsed.GetValue(every) is { } seconds && Parse(seconds) is { } pause)
            {
                Thread.Sleep(TimeSpan.FromSeconds(pause));
                _ = Run(parsed, parsed.GetValue(to));
            }
        });
        return command;
    }

    private static int? Parse(string seconds) => int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out int parsed) && parsed is >= 1 and <= 3600 ? parsed : null;

    /// <summary>False: nobody serves.</summary>
    private static bool Run(ParseResult parsed, string? file)
    {
        string runDirectory = RootOptions.RunDirectory(parsed);
        string mount = RootOptions.Mount(parsed);
        string procRoot = RootOptions.Roots(parsed).Proc;
        bool isCounted = StatsReader.TryRead(runDirectory, mount, out StatsSnapshot counts, out string? defect, procRoot);
        if (defect is not null)
        {
            throw new Failure(ExitCode.Failed, defect);
        }

        TextBuffer text = new();
        StatsSnapshot? counted = isCounted ? counts : null;
        DaemonState state = DaemonState.Look(runDirectory, mount, procRoot, counted);
        MetricsText.Write(counted, state, Mounts(runDirectory, mount, procRoot, counts.Header.Connection), text);
        if (file is null)
        {
            StandardOutput.Write(text.Text);
        }
        else
        {
            WholeFile.Write(Path.GetFullPath(file), text.Text);
        }

        return state.IsServed;
    }

    private static MountCounts Mounts(string runDirectory, string mount, string procRoot, uint connection)
    {
        Spool spool = new(new AttachOptions(runDirectory, procRoot, null), NullLogger.Instance);
        try
        {
            ContainerMounts mounts = new(procRoot, ConnectionList.Read(runDirectory, procRoot, connection, MountName.Of(mount)));
            MountCounts sum = default;
            foreach (RegistryEntry entry in spool.ReadAll().Where(spool.IsAlive))
            {
                sum += mounts.Look(entry.Pid, out _) ?? default;
            }

            return sum;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.Failed, $"cannot read the connections of {runDirectory}: {exception.Message}");
        }
    }
}
