using System.Globalization;
using System.Text;
using ProcFs.Fuzz.Engine;
using ProcFs.Metrics;
using ProcFs.Text;

namespace ProcFs.Fuzz.Targets.Memory;

/// <summary>The file of counters. A successor counts on, and whoever asks gets a text that a parser of metrics understands, without a number below zero.</summary>
internal sealed unsafe class CountersImage : IMemoryImage
{
    private static readonly Guid Boot = new("3f0d1b62-55b3-4b0e-9c8a-0f0e4a6c2d11");

    private readonly string _directory = Directory.CreateTempSubdirectory("procfs-fuzz-").FullName;
    private readonly StatsSnapshot _snapshot = new();
    private readonly TextBuffer _text = new();

    public CountersImage()
    {
        using (StatsFile file = StatsFile.Open(StateFile, Boot, out _))
        {
            Use(file);
        }

        Right = File.ReadAllBytes(StateFile);
    }

    public byte[] Right { get; }

    public IEnumerable<int> Places =>
        [0, 8, 12, 16, 32, 40, 48, 52, 60, 64, 80, 88, 96, 104, 112, 256, .. Enumerable.Range(0, 48).Select(word => StatsLayout.HeaderSize + (8 * word)), StatsLayout.HeaderSize + StatsLayout.RowSize, StatsLayout.SlotsAt + StatsLayout.SlotSize];

    private string StateFile => Path.Combine(_directory, "fuzz.stats");

    public void Try(byte[] bytes, byte flags)
    {
        // Another file: the one before may be mapped.
        File.Delete(StateFile);
        File.WriteAllBytes(StateFile, bytes);
        using StatsFile file = StatsFile.Open(StateFile, Boot, out string? defect);
        FuzzDefect.Unless(defect is null, "there is a file of counters, the old one or a new one", defect ?? "");
        Use(file);
        _snapshot.Load(file.Bytes);
        _text.Clear();
        MetricsText.Write(_snapshot, new DaemonState(0, null, null), null, _text);
        foreach (string line in Encoding.UTF8.GetString(_text.Text).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#'))
        {
            FuzzDefect.Unless(line.StartsWith("procfs_", StringComparison.Ordinal), "a line of the metrics begins with a name", line);
            FuzzDefect.Unless(double.TryParse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture, out double value) && value >= 0, "a metric is not below zero", line);
        }
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static void Use(StatsFile file)
    {
        ContainerStats containers = new(file);
        containers.Load([1, 2]);
        containers.Add(3);
        WorkerStats worker = new(file, 1) { ReceivedNs = 5 };
        worker.CountRead(16, 1, ReadOutcome.Made);
        worker.CountOperation(15, isError: false);
        worker.CountTime(isRead: true, 20_000);
        file.Begin("0.1.0", 4, 9);
        containers.Beat(1_000_000_000);
        containers.Beat(2_000_000_000);
        containers.Remove(3);
    }
}
