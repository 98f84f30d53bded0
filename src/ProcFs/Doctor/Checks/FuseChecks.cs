using ProcFs.Interop;

namespace ProcFs.Doctor.Checks;

/// <summary>/dev/fuse: there, the right device, and to be opened.</summary>
internal sealed class FuseDeviceCheck : ICheck
{
    private const string Device = "/dev/fuse";
    private const uint Major = 10, Minor = 229; // misc, FUSE_MINOR

    public string Id => "fuse.device";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        if (!host.Proc("filesystems").Split('\n').Any(line => line.Trim().Split('\t')[^1] == "fuse"))
        {
            yield return Finding.Bad("this kernel has not loaded FUSE: nothing can be mounted", Mend.Run("modprobe fuse"));
            yield break;
        }

        string make = $"rm -f {Device}; mknod -m 666 {Device} c {Major} {Minor}";
        if (host.Files.StatusOf(Device) is not { } status)
        {
            yield return Finding.Bad($"there is no {Device}: the next mount cannot be made", Mend.Run(make));
        }
        else if ((status.Mode & Libc.S_IFMT) != Libc.S_IFCHR || (status.DeviceNodeMajor, status.DeviceNodeMinor) != (Major, Minor))
        {
            yield return Finding.Bad($"{Device} is not the device {Major}:{Minor}: the next mount cannot be made", Mend.Run(make));
        }
        else if (host.IsRoot && OpenError(host.Places.Root + Device) is var error && error != Errno.None)
        {
            yield return Finding.Bad(
                $"{Device} cannot be opened ({Libc.Describe(error)}): the next mount cannot be made",
                Mend.Do("allow the device 10:229 (rwm) where this runs: DeviceAllow= of the unit, the device list of the container, the options of what is mounted at /dev (nodev)"));
        }
        else
        {
            yield return Finding.Ok($"{Device} can be opened");
        }
    }

    private static Errno OpenError(string path)
    {
        using FileDescriptor? device = FileDescriptor.Open(path, Libc.O_RDWR | Libc.O_NONBLOCK, out Errno error);
        return error;
    }
}

/// <summary>fusectl, by which a daemon is told of lost requests and an operator ends a connection.</summary>
internal sealed class FuseControlCheck : ICheck
{
    private const string Place = "/sys/fs/fuse/connections";

    public string Id => "fuse.control";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        yield return host.Mounts.On(Place) is { Type: "fusectl" }
            ? Finding.Ok($"{Place} is mounted")
            : Finding.Note($"nothing is mounted on {Place}: requests that got lost are not noticed, and no connection can be ended by hand", Mend.Run($"mount -t fusectl fusectl {Place}"));
    }
}
