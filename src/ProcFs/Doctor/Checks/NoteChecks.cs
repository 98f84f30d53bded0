namespace ProcFs.Doctor.Checks;

/// <summary>Checkpoints know nothing of our mounts.</summary>
internal sealed class CriuCheck : ICheck
{
    public string Id => "criu";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        yield return host.Files.Find("criu") is { } path
            ? Finding.Note($"{path} is here: it makes no checkpoint of a container with files of ours; {host.Own.Verb("detach ID")} gives the kernel's back before, attach brings ours in after the restore")
            : Finding.Ok("CRIU is not installed");
    }
}

/// <summary>Who makes a procfs of its own in a user namespace below a container.</summary>
internal sealed class NestedCheck : ICheck
{
    public string Id => "nested";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        int number = host.Containers.Registered.Count(container => container.View is { OwnFiles.Count: > 0 });
        yield return number > 0
            ? Finding.Note($"in {Words.Count(number, "container")} files of ours cover the kernel's: there, the kernel refuses a new /proc to nested containers in user namespaces; {host.Own.Verb("detach ID")} for a container that needs some")
            : Finding.Ok("no container has files that would keep nested ones from a /proc of their own");
    }
}

/// <summary>lxcfs beside us.</summary>
internal sealed class LxcfsCheck : ICheck
{
    public string Id => "lxcfs";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        HostMount? mount = host.Mounts.All.FirstOrDefault(mount => mount.Type == "fuse.lxcfs");
        yield return mount is null
            ? Finding.Ok("lxcfs does not run beside")
            : Finding.Note(
                $"lxcfs serves {mount.Place} beside: a container that gets files of both has those that were mounted last",
                Mend.Do("let one of the two go: docs/lxcfs.md says how this program takes its place"));
    }
}

/// <summary>needrestart restarts services by itself, and may ask about ours.</summary>
internal sealed class NeedrestartCheck : ICheck
{
    private const string Exclusion = "/etc/needrestart/conf.d/procfs.conf";

    public string Id => "needrestart";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        if (host.Files.Find("needrestart") is null && !host.Files.Exists("/etc/needrestart/needrestart.conf"))
        {
            yield return Finding.Ok("needrestart is not installed");
        }
        else if (host.Files.List("/etc/needrestart/conf.d", ".conf").Any(path => host.Files.Read(path)?.Contains("procfs", StringComparison.Ordinal) == true))
        {
            yield return Finding.Ok("needrestart leaves the daemon and its keeper alone");
        }
        else
        {
            yield return Finding.Note(
                "needrestart may restart the daemon and its keeper after upgrades of other packages: readers do not notice, but there is no need",
                Mend.Run($"mkdir -p /etc/needrestart/conf.d && echo '$nrconf{{override_rc}}{{qr(^procfs)}} = 0;' >{Exclusion}"));
        }
    }
}
