using ProcFs.Cgroups.Parsing;

namespace ProcFs.Cgroups.V1;

/// <summary>
/// The blkio controller of v1: Documentation/admin-guide/cgroup-v1/blkio-controller.rst. Each layer that can count has a set of files of its
/// own; which one counts depends on kernel and scheduler, so the first set with any device in it is taken.
/// </summary>
internal sealed class BlockIoV1(CgroupDirectory directory) : IBlockIoReader
{
    private readonly FileSet[] _sets =
    [
        new(directory, "blkio.", "_recursive"),          // CFQ, until 4.20
        new(directory, "blkio.bfq.", "_recursive"),
        new(directory, "blkio.throttle.", "_recursive"), // what makes these count: docs/fields/diskstats.md
        new(directory, "blkio.throttle.", ""),           // before 4.19: without descendants
    ];

    public bool TryRead(ReusedList<BlockIoDevice> devices)
    {
        devices.Clear();
        bool present = false;
        foreach (FileSet set in _sets)
        {
            if (set.TryRead(devices, ref present))
            {
                break;
            }

            devices.Clear();
        }

        return present;
    }

    /// <summary>The files of one layer. Merges and times exist only with CFQ and, as a debugging option, BFQ.</summary>
    private sealed class FileSet(CgroupDirectory directory, string prefix, string suffix)
    {
        private readonly CgroupFile _bytes = directory.File(prefix + "io_service_bytes" + suffix);
        private readonly CgroupFile _requests = directory.File(prefix + "io_serviced" + suffix);
        private readonly CgroupFile? _merged = prefix == "blkio.throttle." ? null : directory.File(prefix + "io_merged" + suffix);
        private readonly CgroupFile? _serviceTime = prefix == "blkio.throttle." ? null : directory.File(prefix + "io_service_time" + suffix);
        private readonly CgroupFile? _waitTime = prefix == "blkio.throttle." ? null : directory.File(prefix + "io_wait_time" + suffix);

        /// <summary>True when both counters name a device; <paramref name="present"/> is set when at least the files are there.</summary>
        public bool TryRead(ReusedList<BlockIoDevice> devices, ref bool present)
        {
            if (!_bytes.TryRead(out ReadOnlySpan<byte> text))
            {
                return false;
            }

            bool used = BlkioText.HasDevice(text);
            if (used)
            {
                Parse(_bytes, text, devices, Count.Bytes);
            }

            if (!_requests.TryRead(out text))
            {
                return false;
            }

            present = true;
            if (!used || !BlkioText.HasDevice(text))
            {
                return false;
            }

            Parse(_requests, text, devices, Count.Requests);
            ReadOptional(_merged, devices, Count.Merged);
            ReadOptional(_serviceTime, devices, Count.ServiceTime);
            ReadOptional(_waitTime, devices, Count.WaitTime);
            return true;
        }

        private static void ReadOptional(CgroupFile? file, ReusedList<BlockIoDevice> devices, Count count)
        {
            if (file is not null && file.TryRead(out ReadOnlySpan<byte> text))
            {
                Parse(file, text, devices, count);
            }
        }

        private static void Parse(CgroupFile file, ReadOnlySpan<byte> text, ReusedList<BlockIoDevice> devices, Count count)
        {
            bool bad = false;
            while (BlkioText.TryReadNext(ref text, out BlkioLine line, ref bad))
            {
                Set(ref DeviceText.Find(devices, line.Major, line.Minor), line.Operation, line.Value, count);
            }

            if (bad)
            {
                file.Report(0, "a line is not of the form 'major:minor operation number'");
            }
        }
    }

    private enum Count
    {
        Bytes,
        Requests,
        Merged,
        ServiceTime,
        WaitTime,
    }

    private static void Set(ref BlockIoDevice device, BlkioOperation operation, long value, Count count)
    {
        switch (count, operation)
        {
            case (Count.Bytes, BlkioOperation.Read): device.ReadBytes = value; break;
            case (Count.Bytes, BlkioOperation.Write): device.WriteBytes = value; break;
            case (Count.Bytes, BlkioOperation.Discard): device.DiscardBytes = value; break;
            case (Count.Requests, BlkioOperation.Read): device.Reads = value; break;
            case (Count.Requests, BlkioOperation.Write): device.Writes = value; break;
            case (Count.Requests, BlkioOperation.Discard): device.Discards = value; break;
            case (Count.Merged, BlkioOperation.Read): device.ReadsMerged = value; break;
            case (Count.Merged, BlkioOperation.Write): device.WritesMerged = value; break;
            case (Count.Merged, BlkioOperation.Discard): device.DiscardsMerged = value; break;
            case (Count.ServiceTime, BlkioOperation.Total): device.ServiceTimeNs = value; break;

            // A request first waits, then is served; both are its time.
            case (Count.ServiceTime or Count.WaitTime, BlkioOperation.Read): device.ReadTimeNs = Saturating.Add(device.ReadTimeNs, value); break;
            case (Count.ServiceTime or Count.WaitTime, BlkioOperation.Write): device.WriteTimeNs = Saturating.Add(device.WriteTimeNs, value); break;
            case (Count.ServiceTime or Count.WaitTime, BlkioOperation.Discard): device.DiscardTimeNs = Saturating.Add(device.DiscardTimeNs, value); break;
            default: break;
        }
    }
}
