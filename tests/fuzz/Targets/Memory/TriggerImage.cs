using ProcFs.Cgroups;
using ProcFs.Fuzz.Engine;
using ProcFs.Triggers;

namespace ProcFs.Fuzz.Targets.Memory;

/// <summary>The file of triggers. A successor reads all of them, and adds one.</summary>
internal sealed unsafe class TriggerImage : IMemoryImage
{
    private const ulong Session = 77;

    private static readonly Guid Boot = new("3f0d1b62-55b3-4b0e-9c8a-0f0e4a6c2d11");

    private readonly string _directory = Directory.CreateTempSubdirectory("procfs-fuzz-").FullName;

    public TriggerImage()
    {
        using (TriggerFile file = TriggerFile.Open(StateFile, Boot, Session, out _)!)
        {
            _ = file.Add(new TriggerRecord { Handle = 5, NodeId = 25, WrittenBy = 9, ThresholdUs = 150_000, WindowUs = 2_000_000, Place = (byte)TriggerPlaceKind.Cgroup, CgroupInode = 4, TotalUs = 7 }, "/c/d");
            _ = file.Add(new TriggerRecord { Handle = 6, NodeId = 26, WrittenBy = 10, ThresholdUs = 1, WindowUs = 2, IsFull = 1, Place = (byte)TriggerPlaceKind.Host }, "");
        }

        Right = File.ReadAllBytes(StateFile);
    }

    public byte[] Right { get; }

    public IEnumerable<int> Places => [0, 8, 16, 32, .. Enumerable.Range(0, 16).Select(word => 4096 + (8 * word)), 4096 + 256, 8192];

    private string StateFile => Path.Combine(_directory, "triggers");

    public void Try(byte[] bytes, byte flags)
    {
        // Another file: the one before may be mapped.
        File.Delete(StateFile);
        File.WriteAllBytes(StateFile, bytes);
        using TriggerFile? file = TriggerFile.Open(StateFile, Boot, Session, out string? defect);
        FuzzDefect.Unless(file is not null, "there is a file of triggers, the old one or a new one", defect ?? "");
        int count = file!.Count;
        FuzzDefect.Unless(count is >= 0 and <= TriggerFile.MostRecords, "no more triggers are there than there can be");
        for (int page = 0; page < count; page++)
        {
            if (file.TryRead(page, out TriggerRecord record, out TriggerPlace place))
            {
                FuzzDefect.Unless(new TriggerRequest(record.IsFull == 1, record.ThresholdUs, record.WindowUs).IsPossible && Enum.IsDefined((PressureResource)record.Resource) && Enum.IsDefined(place.Kind), "a trigger that is taken over can be set");
                FuzzDefect.Unless(place.Path.Length == 0 || CgroupPath.Normalise(place.Path) == place.Path, "a trigger's cgroup is a path that leads nowhere else", place.Path);
            }
        }

        int added = file.Add(new TriggerRecord { Handle = 99, NodeId = 25, WrittenBy = 1, ThresholdUs = 1, WindowUs = 2 }, "");
        FuzzDefect.Unless(added >= 0 && file.TryRead(added, out TriggerRecord again, out _) && again.Handle == 99, "a trigger that is added is there");
        file.Remove(added);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
