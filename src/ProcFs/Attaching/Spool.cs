using System.Globalization;
using Microsoft.Extensions.Logging;
using ProcFs.Hook;
using ProcFs.Hook.Registration;

namespace ProcFs.Attaching;

/// <summary>The registered containers, as attach and detach look for them.</summary>
internal sealed partial class Spool(AttachOptions options, ILogger logger)
{
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
    public bool IsAlive(RegistryEntry entry) => StartTime.TryRead(options.ProcRoot, entry.Pid, out ulong startTime) && startTime == entry.StartTime;

    /// <summary>The entry that somebody names by id or process; for a process that no entry has, a new one that is not written yet.</summary>
    /// <exception cref="Failure">There is no such container and no such process.</exception>
    public RegistryEntry Named(string name, IEnumerable<RegistryEntry> entries)
    {
        bool isNumber = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int pid) && pid > 0;
        RegistryEntry? found = entries.FirstOrDefault(entry => entry.Id == name) ?? entries.FirstOrDefault(entry => isNumber && entry.Pid == pid && IsAlive(entry));
        if (found is not null)
        {
            return IsAlive(found) ? found : throw new Failure(ExitCode.Failed, $"container {name} has ended: its process {found.Pid} is gone");
        }

        if (!isNumber)
        {
            throw new Failure(ExitCode.Failed, $"no container \"{name}\" is registered in {options.RunDirectory}; give the number of one of its processes instead");
        }

        return StartTime.TryRead(options.ProcRoot, pid, out ulong startTime)
            ? new RegistryEntry { Id = AttachPlan.NameOf(pid), Pid = pid, StartTime = startTime, Source = "attach" }
            : throw new Failure(ExitCode.Failed, $"there is no process {pid} in {options.ProcRoot}, and no container of that name");
    }

    /// <summary>Writes an entry.</summary>
    /// <exception cref="Failure">It cannot be written.</exception>
    public void Write(RegistryEntry entry)
    {
        if (RegistryFile.Write(options.RunDirectory, entry) is { } defect)
        {
            throw new Failure(ExitCode.Failed, defect);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "passed over: {Defect}")]
    private partial void LogDefect(string defect);
}
