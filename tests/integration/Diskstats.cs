using System.Globalization;

namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        writes 8 MiB to the disk below /tmp
//   container-2        touches no disk
public sealed class Diskstats(ServedTree tree)
{
    [Fact]
    public void A_container_sees_its_own_transfers_and_no_device_that_it_did_not_use()
    {
        string device = Child.Run("findmnt", "--noheadings", "--output", "MAJ:MIN", "--target", tree.Scratch).Line().Trim();
        string? line = ProcText.Lines(File.ReadAllText("/proc/diskstats")).FirstOrDefault(l => Device(l) == device);
        Assert.SkipWhen(line is null, $"{tree.Scratch} is not on a disk");
        string shared = tree.NewDirectory("disk");
        using OciContainer quiet = tree.Run(new());
        using OciContainer writer = tree.Run(new() { Writable = shared });
        if (CgroupMounts.IsV1("blkio"))
        {
            // v1 counts for a device only where a throttle rule is set (kernels from 6.10 on); this one throttles nothing.
            File.WriteAllText($"{CgroupMounts.Of("blkio")}{writer.CgroupPath}/blkio.throttle.write_bps_device", $"{device} 100000000000");
        }

        writer.Exec("dd", "if=/dev/zero", $"of={shared}/file", "bs=1M", "count=8", "oflag=direct").Ok();

        string[] fields = Assert.Single(ProcText.Lines(writer.Read("/proc/diskstats")), l => Device(l) == device)
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(line!.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length, fields.Length);
        Assert.InRange(long.Parse(fields[9], CultureInfo.InvariantCulture), 8 << 11, 9 << 11);
        Assert.All(ProcText.Lines(quiet.Read("/proc/diskstats")), l => Assert.InRange(ProcText.Numbers(l)[8], 0, 8));
    }

    /// <summary>"254:0" of a line of diskstats.</summary>
    private static string Device(string line) => string.Join(':', line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(2));
}
