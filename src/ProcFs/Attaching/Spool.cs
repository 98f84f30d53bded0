using System.Globalization;
using Microsoft.Extensions.Logging;
using ProcFs.Containers;
using ProcFs.Hook;
using ProcFs.Hook.Registration;

namespace ProcFs.Attaching;

/// <summary>The registered containers, as attach and detach look for them.</summary>
internal sealed partial class Spool(AttachOptions options, ILogger logger)
{
    private const int ShortestId = 12;

    /// <summary>All entries that can be understood, those of ended processes among them.</summary>
    /// <exception cref="Failure">The spool cannot be read.</exception>
    public List<RegistryEntry> ReadAll()
    {
        List<RegistryEntry> entries = [];
        try
        {
            foreach (string path in RegistryFile.List(options.RunDirectory))
            {
                if (RegistryFile.TryRead(path, out RegistryEntry? entry, out string defect))
                {
                    entries.Add(entry!);
                }
                else if (defect.Length > 0)
                {
                    LogDefect(defect);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.Failed, $"cannot read {RunDirectory.Registry(options.RunDirectory)}: {exception.Message}");
        }

        return entries;
    }

    /// <summary>Whether the process of an entry still is the one that was registered.</summary>
    public bool IsAlive(RegistryEntry entry) => StartTime.IsStill(options.ProcRoot, entry.Pid, entry.StartTime);

    /// <summary>The entries that somebody names by ids or processes, each once; for a process of no registered container, a new one that is not written yet.</summary>
    /// <exception cref="Failure">There is no such container and no such process, or it is one of the host.</exception>
    public List<RegistryEntry> Named(IEnumerable<string> names, IReadOnlyList<RegistryEntry> entries, ProcRoot root, MountNamespaces namespaces)
        => [.. names.Select(name => Named(name, entries, root, namespaces)).DistinctBy(entry => entry.Id)];

    /// <summary>Writes an entry.</summary>
    /// <exception cref="Failure">It cannot be written.</exception>
    public void Write(RegistryEntry entry)
    {
        if (RegistryFile.Write(options.RunDirectory, entry) is { } defect)
        {
            throw new Failure(ExitCode.Failed, defect);
        }
    }

    /// <summary>As docker ps and podman ps show them.</summary>
    private static RegistryEntry? ShortId(string name, IReadOnlyList<RegistryEntry> entries)
    {
        RegistryEntry[] found = name.Length < ShortestId ? [] : [.. entries.Where(entry => entry.Id.StartsWith(name, StringComparison.Ordinal))];
        return found.Length < 2
            ? found.FirstOrDefault()
            : throw new Failure(ExitCode.Failed, $"\"{name}\" is the beginning of {found.Length} ids, {found[0].Id} and {found[1].Id} among them: give more of it");
    }

    private RegistryEntry Named(string name, IReadOnlyList<RegistryEntry> entries, ProcRoot root, MountNamespaces namespaces)
    {
        bool isNumber = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int pid) && pid > 0;
        RegistryEntry? found = entries.FirstOrDefault(entry => entry.Id == name) ?? entries.FirstOrDefault(entry => isNumber && entry.Pid == pid && IsAlive(entry)) ?? ShortId(name, entries);
        if (found is not null)
        {
            return IsAlive(found) ? found : throw new Failure(ExitCode.Failed, $"container {name} has ended: its process {found.Pid} is gone");
        }

        if (!isNumber)
        {
            throw new Failure(ExitCode.Failed, $"no container \"{name}\" is registered in {options.RunDirectory}; give its id, or the first {ShortestId} characters of that, or the number of one of its processes");
        }

        if (!StartTime.TryRead(options.ProcRoot, pid, out _))
        {
            throw new Failure(ExitCode.Failed, $"there is no process {pid} in {options.ProcRoot}, and no container of that name");
        }

        ulong mounts = MountNamespaces.Of(root, pid);
        if (mounts == 0 || namespaces.IsHost(mounts))
        {
            throw new Failure(ExitCode.Failed, mounts == 0
                ? $"the mount namespace of process {pid} is not to be seen: it is ending, or this needs CAP_SYS_PTRACE"
                : $"process {pid} is in the host's own mount namespace: nothing is mounted over the host's files");
        }

        // One that joined a registered container is that container: two that share a mount namespace would take each other's files away.
        return entries.FirstOrDefault(entry => MountNamespaces.Of(root, entry.Pid) == mounts && IsAlive(entry))
            ?? New(FirstProcess(root, pid, mounts));
    }

    /// <summary>Process 1 of its pid namespace when it is in the same container, else itself: what was started in a container later ends earlier.</summary>
    private static int FirstProcess(ProcRoot root, int pid, ulong mounts)
    {
        using ProcessDirectory process = ProcessDirectory.Open(root, pid);
        ulong pids = process.Namespace("ns/pid\0"u8);
        int? first = pids == 0 ? null : new InitFinder(root).Find(process, pids);
        return first is { } init && MountNamespaces.Of(root, init) == mounts ? init : pid;
    }

    private RegistryEntry New(int pid) => StartTime.TryRead(options.ProcRoot, pid, out ulong startTime)
        ? new RegistryEntry { Id = AttachPlan.NameOf(pid), Pid = pid, StartTime = startTime, Source = "attach" }
        : throw new Failure(ExitCode.Failed, $"process {pid} has ended");

    [LoggerMessage(1431, LogLevel.Warning, "passed over: {Defect}")]
    private partial void LogDefect(string defect);
}
