using ProcFs.Cgroups;
using ProcFs.Host;

namespace ProcFs.Sampling;

/// <summary>What a history belongs to: nothing in it means anything after the next boot, or with another number of CPUs.</summary>
/// <param name="Boot">The kernel's boot id.</param>
/// <param name="Cpus">How many CPUs the host can have at most.</param>
internal readonly record struct HistoryScope(Guid Boot, int Cpus)
{
    /// <summary>Null when the host does not tell its boot id.</summary>
    public static HistoryScope? Read(HostRoots roots)
    {
        if (!Guid.TryParse(ReadOrEmpty(Path.Combine(roots.Proc, "sys/kernel/random/boot_id")).Trim(), out Guid boot) || boot == Guid.Empty)
        {
            return null;
        }

        // Where the file is missing, the CPUs of the stat file; one that is plugged in later is then not kept.
        int possible = CpuSet.TryParse(ReadOrEmpty(Path.Combine(roots.Sys, "devices/system/cpu/possible")), out CpuSet set) && set.Count > 0 ? set[set.Count - 1] + 1 : 0;
        if (possible == 0)
        {
            foreach (string line in ReadOrEmpty(Path.Combine(roots.Proc, "stat")).Split('\n'))
            {
                possible += line.StartsWith("cpu", StringComparison.Ordinal) && !line.StartsWith("cpu ", StringComparison.Ordinal) ? 1 : 0;
            }
        }

        return new HistoryScope(boot, Math.Max(1, possible));
    }

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
