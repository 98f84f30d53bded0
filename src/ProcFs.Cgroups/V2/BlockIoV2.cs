using ProcFs.Cgroups.Parsing;

namespace ProcFs.Cgroups.V2;

/// <summary>The io controller of v2: cgroup-v2.rst, io.stat. Bytes and numbers of requests, no times.</summary>
internal sealed class BlockIoV2(CgroupDirectory directory) : IBlockIoReader
{
    private readonly CgroupFile _stat = directory.File("io.stat");

    public bool TryRead(ReusedList<BlockIoDevice> devices)
    {
        devices.Clear();
        // An idle cgroup's file is empty, which is not the same as none.
        if (!_stat.TryReadEvenEmpty(out ReadOnlySpan<byte> text))
        {
            return false;
        }

        if (!IoStatText.Parse(text, devices, out int badLine))
        {
            _stat.Report(badLine, "not of the form 'major:minor key=number …'");
        }

        return true;
    }
}
