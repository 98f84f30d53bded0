using System.Globalization;

namespace ProcFs.Bench;

/// <summary>One minute of a soak run.</summary>
/// <param name="Part">Which daemon it was, from 1: each part of a run has its own.</param>
/// <param name="Minute">Of the part, from 1.</param>
/// <param name="CpuPercent">The daemon's.</param>
/// <param name="RssKib">Its resident memory at the end of the minute.</param>
/// <param name="AnonymousKib">Managed heap, stacks, libc's heap.</param>
/// <param name="Descriptors">Open ones.</param>
/// <param name="Reads">Whole files that were read.</param>
/// <param name="Failed">Reads that failed.</param>
/// <param name="MedianUs">Of a read.</param>
/// <param name="P99Us">Of a read.</param>
internal readonly record struct SoakMinute(
    int Part, int Minute, double CpuPercent, long RssKib, long AnonymousKib, long Descriptors, long Reads, long Failed, double MedianUs, double P99Us);

/// <summary>The minutes of a soak run, in a file, so that a run that broke off is carried on. One for each build of the program and number of containers.</summary>
internal sealed class SoakLog
{
    private readonly string _path;
    private readonly List<SoakMinute> _minutes = [];

    private SoakLog(string path) => _path = path;

    public IReadOnlyList<SoakMinute> Minutes => _minutes;

    /// <summary>What there is of this program with so many containers.</summary>
    public static SoakLog Open(string program, int containers)
    {
        SoakLog log = new(PathFor(program, containers.ToString(CultureInfo.InvariantCulture)));
        foreach (string line in File.Exists(log._path) ? File.ReadAllLines(log._path) : [])
        {
            if (TryParse(line, out SoakMinute minute)) // the last line may be half of one
            {
                log._minutes.Add(minute);
            }
        }

        return log;
    }

    /// <summary>Where a run of this build of a program keeps its minutes.</summary>
    public static string PathFor(string program, string what)
    {
        string directory = Directory.CreateDirectory(Path.Combine(Repository.Path, "artifacts/soak")).FullName;
        return Path.Combine(directory, $"{BuildName.Of(program)}-{what}.csv");
    }

    public void Add(SoakMinute minute)
    {
        _minutes.Add(minute);
        File.AppendAllText(_path, string.Create(CultureInfo.InvariantCulture,
            $"{minute.Part},{minute.Minute},{minute.CpuPercent:0.000},{minute.RssKib},{minute.AnonymousKib},{minute.Descriptors},{minute.Reads},{minute.Failed},{minute.MedianUs:0.0},{minute.P99Us:0.0}\n"));
    }

    private static bool TryParse(string line, out SoakMinute minute)
    {
        minute = default;
        string[] fields = line.Split(',');
        double[] numbers = new double[fields.Length];
        for (int i = 0; i < fields.Length; i++)
        {
            if (!double.TryParse(fields[i], CultureInfo.InvariantCulture, out numbers[i]))
            {
                return false;
            }
        }

        bool isWhole = numbers.Length == 10;
        minute = isWhole
            ? new((int)numbers[0], (int)numbers[1], numbers[2], (long)numbers[3], (long)numbers[4], (long)numbers[5], (long)numbers[6], (long)numbers[7], numbers[8], numbers[9])
            : default;
        return isWhole;
    }
}
