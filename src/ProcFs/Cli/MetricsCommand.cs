using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Attaching;
using ProcFs.Hook.Attaching;
using ProcFs.Hook.Registration;
using ProcFs.Metrics;
using ProcFs.Serving;
using ProcFs.Text;

namespace ProcFs.Cli;

/// <summary><c>procfs metrics</c>: what the daemon has counted, for Prometheus. The daemon is not asked: it may hang, or be gone.</summary>
internal static class MetricsCommand
{
    public static Command Create()
    {
        Option<string?> to = new("--out") { Description = "writes them to a file, which is replaced as a whole: for node_exporter's textfile collector", HelpName = "FILE" };
        Command command = new("metrics", "Prints what was counted, as Prometheus reads it.") { to };
        command.Validators.Add(result =>
        {
            if (result.GetValue(to) is { Length: 0 })
            {
                result.AddError("--out must not be empty");
            }
        });
        command.SetAction(parsed => Run(parsed, parsed.GetValue(to)));
        return command;
    }

    private static void Run(ParseResult parsed, string? file)
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
