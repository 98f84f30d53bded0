using System.Globalization;

namespace ProcFs.Bench;

/// <summary>Which processes a run has started that would outlive it: a file for each in the run's directory, with its start time, so that none is ended that merely has its number.</summary>
internal static class StartedProcesses
{
    public static void Note(string directory, int pid) =>
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Of(directory)).FullName, pid.ToString(CultureInfo.InvariantCulture)), Processes.StartTime(pid));

    public static void Forget(string directory, int pid) => File.Delete(Path.Combine(Of(directory), pid.ToString(CultureInfo.InvariantCulture)));

    public static void EndAll(string directory)
    {
        foreach (string file in Directory.Exists(Of(directory)) ? Directory.GetFiles(Of(directory)) : [])
        {
            int pid = int.Parse(Path.GetFileName(file), CultureInfo.InvariantCulture);
            if (File.ReadAllText(file) is { Length: > 0 } start && Processes.StartTime(pid) == start)
            {
                Processes.End(pid);
            }
        }
    }

    private static string Of(string directory) => Path.Combine(directory, "processes");
}
