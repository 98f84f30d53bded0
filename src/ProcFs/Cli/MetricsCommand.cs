using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Attaching;
using ProcFs.Hook.Attaching;
using ProcFs.Hook.Registration;
using ProcFs.Interop;
using ProcFs.Keeping;
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
        Option<string?> every = new("--every") { Description = "writes the file again and again, after so many seconds, and takes it away when it is ended; with --out", HelpName = "SECONDS" };
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
            string? file = parsed.GetValue(to);
            if (file is not null && parsed.GetValue(every) is { } seconds && Parse(seconds) is { } pause)
            {
                return (int)WriteAgain(parsed, Path.GetFullPath(file), TimeSpan.FromSeconds(pause));
            }

            bool isServed = Run(parsed, file, out string? defect);
            Tell(defect ?? (isServed ? null : NodeEntrance.Elsewhere("metrics")));
            return (int)(defect is null ? ExitCode.Done : ExitCode.Failed);
        });
        return command;
    }

    /// <summary>Until a signal comes. Then the file is taken away: a collector would serve for ever that all is well.</summary>
    private static ExitCode WriteAgain(ParseResult parsed, string file, TimeSpan pause)
    {
        if (!Directory.Exists(Path.GetDirectoryName(file)))
        {
            throw new Failure(ExitCode.Failed, $"cannot write {file}: there is no such directory; make it, or choose another file with --out");
        }

        using SignalInbox signals = new();
        signals.Catch(Libc.SIGTERM, Libc.SIGINT);
        string? told = null;
        while (!signals.TryTake(out _))
        {
            string? defect = Again(parsed, file);
            Tell(defect == told ? null : defect);
            told = defect;
            signals.Wait(pause);
        }

        WholeFile.Remove(file);
        return ExitCode.Done;
    }

    /// <summary>What is wrong for now, a full disk perhaps, does not end what writes again and again.</summary>
    private static string? Again(ParseResult parsed, string? file)
    {
        try
        {
            _ = Run(parsed, file, out string? defect);
            return defect;
        }
        catch (Failure failure)
        {
            return failure.Message;
        }
    }

    private static void Tell(string? sentence)
    {
        if (sentence is not null)
        {
            Console.Error.WriteLine($"procfs: {sentence}");
        }
    }

    private static int? Parse(string seconds) => int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out int parsed) && parsed is >= 1 and <= 3600 ? parsed : null;

    /// <summary>False: nobody serves.</summary>
    /// <param name="parsed">What was given.</param>
    /// <param name="file">Where to; null: standard output.</param>
    /// <param name="defect">Why there are no more metrics than whether somebody serves, in one sentence; null: there are all.</param>
    /// <exception cref="Failure">They cannot be written.</exception>
    private static bool Run(ParseResult parsed, string? file, out string? defect)
    {
        string runDirectory = RootOptions.RunDirectory(parsed);
        string mount = RootOptions.Mount(parsed);
        string procRoot = RootOptions.Roots(parsed).Proc;
        StatsSnapshot? counted = StatsReader.TryRead(runDirectory, mount, out StatsSnapshot counts, out defect, procRoot) ? counts : null;
        TextBuffer text = new();
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
