using ProcFs.Interop;
using ProcFs.Mountinfo;

namespace ProcFs.Hook.Attaching;

/// <summary>
/// Files of ours that lie one by one in a directory which is going to be covered as a whole: an earlier version attached them. They are held before,
/// since nobody gets at them afterwards, and taken off when ours is in its place: no reader sees the kernel's in between.
/// </summary>
internal sealed class CoveredFiles : IDisposable
{
    private const int MostLayers = 64;

    private readonly EnteredNamespace _entered;
    private readonly OwnMounts _own;
    private readonly List<(string File, TargetFile Target)> _held = [];

    private CoveredFiles(EnteredNamespace entered, OwnMounts own)
    {
        _entered = entered;
        _own = own;
    }

    /// <summary>Holds what there is; for anything but that directory there is nothing.</summary>
    public static CoveredFiles Hold(EnteredNamespace entered, string directory, OwnMounts own)
    {
        CoveredFiles covered = new(entered, own);
        if (CpuDirectory.Is(directory) && entered.ReadMounts(out _) is { } table)
        {
            ReadOnlySpan<byte> rest = table.Text;
            while (MountInfoLine.TryReadNext(ref rest, out MountInfoLine line))
            {
                if (OwnMountRules.IsOwn(line, own, out _, out string? file) && CpuDirectory.Holds(file!) && !covered._held.Exists(held => held.File == file)
                    && FileView.Open(entered, file!, out _) is { } target)
                {
                    covered._held.Add((file!, target));
                }
            }
        }

        return covered;
    }

    /// <summary>Takes them off as far as they are ours and not locked.</summary>
    public void TakeOff()
    {
        foreach ((string file, TargetFile target) in _held)
        {
            TargetFile? current = target;
            for (int layer = 0; layer < MostLayers && current is not null && IsOurs(file, current) && _entered.TakeOff(current) is Errno.None or Errno.EAGAIN; layer++)
            {
                TargetFile? next = current.LookAgain();
                if (!ReferenceEquals(current, target))
                {
                    current.Dispose();
                }

                current = next;
            }

            if (!ReferenceEquals(current, target))
            {
                current?.Dispose();
            }
        }
    }

    public void Dispose() => _held.ForEach(held => held.Target.Dispose());

    private bool IsOurs(string file, TargetFile target)
    {
        _entered.RootOf(file, out VerifiedRoot root, out _);
        return _entered.ReadMounts(out _) is { } table && OwnMountRules.Classify(table, target.MountId, root, file, _own, expectedRoot: null) == Cover.Ours;
    }
}
