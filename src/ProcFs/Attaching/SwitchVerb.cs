using Microsoft.Extensions.Logging;
using ProcFs.Children;
using ProcFs.Containers;
using ProcFs.Files;
using ProcFs.Hook;
using ProcFs.Hook.Attaching;
using ProcFs.Hook.Control;
using ProcFs.Hook.Registration;
using ProcFs.Interop;
using ProcFs.Serving;

namespace ProcFs.Attaching;

/// <summary>
/// <c>procfs off</c> and <c>procfs on</c>: files stay attached and show the host's text, or the container's again. Nothing is mounted, so it takes effect at
/// the next read, and everywhere at once.
/// </summary>
/// <param name="options">Where the registry is.</param>
/// <param name="mount">Whose files are meant where all containers are.</param>
/// <param name="isOff">Whether files are switched off.</param>
/// <param name="logger">Told what was done.</param>
internal sealed partial class SwitchVerb(AttachOptions options, string mount, bool isOff, ILogger logger)
{
    private const string Lock = "off.lock"; // two at a time would lose what the other has switched

    private static readonly TimeSpan DaemonAnswersWithin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan OthersDoneWithin = TimeSpan.FromSeconds(10);

    private readonly Spool _spool = new(options, logger);

    /// <summary>For all containers, those that come later among them, until it is taken back or the host is booted.</summary>
    /// <param name="files">Which; null: all.</param>
    /// <exception cref="Failure">That cannot be written down.</exception>
    public ExitCode All(IReadOnlyList<string>? files)
    {
        using FileDescriptor? turn = ContainersLock.Take(options.RunDirectory, OthersDoneWithin, endOther: false, Lock);
        string path = OffState.PathOf(options.RunDirectory, mount);
        OffFiles before = OffState.Read(path, out string? defect);
        if (defect is not null)
        {
            throw new Failure(ExitCode.Failed, defect);
        }

        OffFiles now = Switched(before, files);
        OffState.Write(path, now);
        using ControlClient daemon = new(options.RunDirectory, DaemonAnswersWithin);
        ControlReply reply = daemon.Ask(new ControlRequest(ControlVerb.Reload));
        string what = Describe(now);
        LogDone("all containers", what);
        return Told(reply);
    }

    /// <summary>For single containers, by id or by a process.</summary>
    /// <param name="names">Ids or process numbers.</param>
    /// <param name="files">Which; null: all.</param>
    /// <exception cref="Failure">One of them does not exist or is one of the host, or that cannot be written down.</exception>
    public ExitCode These(IReadOnlyList<string> names, IReadOnlyList<string>? files)
    {
        using FileDescriptor? turn = ContainersLock.Take(options.RunDirectory, OthersDoneWithin, endOther: false, Lock);
        using ProcRoot root = new(options.ProcRoot);
        MountNamespaces namespaces = MountNamespaces.Scan(root);
        using ControlClient daemon = new(options.RunDirectory, DaemonAnswersWithin, isForEach: true);
        ExitCode outcome = ExitCode.Done;
        foreach (RegistryEntry found in _spool.Named(names, _spool.ReadAll(), root, namespaces))
        {
            OffFiles now = Switched(OffFiles.Of(found.Off), files);
            _spool.Write(found with { Off = now.IsNone ? null : now.Names });
            ControlReply reply = daemon.Ask(new ControlRequest(ControlVerb.Register, RunDirectory.RegistryName(found.Id)));
            string what = Describe(now);
            LogDone(found.Id, what);
            outcome = Told(reply) == ExitCode.Done ? outcome : ExitCode.Failed;
        }

        return outcome;
    }

    private OffFiles Switched(OffFiles before, IReadOnlyList<string>? files)
    {
        if (isOff)
        {
            return before.And(OffFiles.Of(files ?? [OffFiles.Every]));
        }

        // Of all, some are to be on: the others are named from now on.
        OffFiles on = OffFiles.Of([.. files ?? [OffFiles.Every]]);
        // The CPUs' files go by their directory, unless single ones of them are meant.
        bool isSingle = files?.Any(CpuDirectory.Holds) == true;
        IEnumerable<string> all = ProcFiles.All.Select(entry => entry.File.Path).Where(path => isSingle || !CpuDirectory.Holds(path));
        return OffFiles.Of([.. all.Concat(isSingle ? [] : [CpuDirectory.Name]).Where(path => before.Contains(path) && !on.Contains(path))]);
    }

    private ExitCode Told(ControlReply reply)
    {
        if (reply.IsAbsent)
        {
            LogAbsent(options.RunDirectory);
            return ExitCode.Done;
        }

        if (reply.Failure is { } failure)
        {
            LogNotTold(failure);
            return ExitCode.Failed;
        }

        return ExitCode.Done;
    }

    private static string Describe(OffFiles off) => off.IsNone ? "nothing is off" : off.Names is [OffFiles.Every] ? "all files are off" : $"off are {string.Join(", ", off.Names)}";

    [LoggerMessage(1421, LogLevel.Information, "{Whose}: {What}")]
    private partial void LogDone(string whose, string what);

    [LoggerMessage(1422, LogLevel.Warning, "no daemon serves with {RunDirectory}: it counts when one does")]
    private partial void LogAbsent(string runDirectory);

    [LoggerMessage(1423, LogLevel.Error, "the daemon was not told, and sees it in some seconds at the latest: {Reason}")]
    private partial void LogNotTold(string reason);
}
