using ProcFs.Fuzz.Mutation;
using ProcFs.Fuzz.Targets.Memory;

namespace ProcFs.Fuzz.Targets;

/// <summary>
/// What a daemon takes over from the one before, who may have been killed in the middle of it, or be another program (<see cref="Patches"/>): <c>j</c> journal and
/// request slots, <c>s</c> open files and their texts, <c>h</c> histories, <c>o</c> histories of the layout before, <c>t</c> triggers, <c>m</c> counters.
/// </summary>
internal sealed class MemoryTarget : IFuzzTarget
{
    private readonly Dictionary<char, IMemoryImage> _images = new()
    {
        ['j'] = new JournalImage(),
        ['s'] = new SnapshotImage(),
        ['h'] = new HistoryImage(isOld: false),
        ['o'] = new HistoryImage(isOld: true),
        ['t'] = new TriggerImage(),
        ['m'] = new CountersImage(),
    };

    public MemoryTarget() => Changes = Patches.ChangesFor(string.Concat(_images.Keys));

    public IReadOnlyList<Change> Changes { get; }

    public int LongestInput => 4096;

    public IEnumerable<byte[]> Seeds()
    {
        foreach ((char name, IMemoryImage image) in _images)
        {
            yield return Patches.Format(name, 0);
            foreach (int place in image.Places)
            {
                yield return Patches.Format(name, 1, (place, [0xff]));
                yield return Patches.Format(name, 1, (place, [1, 0, 0, 0]));
            }
        }
    }

    public void Try(ReadOnlySpan<byte> input)
    {
        (char name, byte flags) = Patches.Head(input);
        if (_images.TryGetValue(name, out IMemoryImage? image))
        {
            byte[] bytes = [.. image.Right];
            Patches.Apply(input, bytes);
            image.Try(bytes, flags);
        }
    }

    public void Dispose()
    {
        foreach (IMemoryImage image in _images.Values)
        {
            image.Dispose();
        }
    }
}
