using ProcFs.Configuration;
using ProcFs.Serving;

namespace ProcFs.Doctor.Checks;

/// <summary>SELinux: enforcing or not, the label of the mount and whether containers may read it, and what was refused.</summary>
internal sealed class SelinuxCheck : ICheck
{
    private const int LogBytes = 256 << 10;
    private const string WithoutContext = "system_u:object_r:fusefs_t:s0"; // genfscon of all policies that are in use

    /// <summary>Where the kernel cannot be asked: what the policies with containers in them let these read.</summary>
    private static readonly string[] ReadableTypes = ["container_file_t", "container_ro_file_t", "container_share_t", "svirt_sandbox_file_t"];

    private static Mend Allow { get; } = Mend.Run("ausearch -m avc --raw | grep -e fusefs -e procfs | audit2allow -M procfs-files && semodule -i procfs-files.pp");

    public string Id => "selinux";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        yield return host.Files.Read("/sys/fs/selinux/enforce")?.Trim() is { } enforce ? Judge(host, enforce == "1") : Finding.Ok("SELinux is not in use");
    }

    private static Finding Judge(DoctorHost host, bool isEnforcing)
    {
        string? configured = Configured(host);
        HostMount? mount = Mount(host);
        string? label = mount is null ? configured : mount.Context;
        string mode = isEnforcing ? "SELinux is enforcing" : "SELinux is permissive";
        string has = $"{(mount is null ? "the next mount" : "the mount")} has {(label is null ? "no label of its own, so files of ours have the type fusefs_t" : $"the label {label}")}";
        string[] denials = [.. (host.Files.Tail("/var/log/audit/audit.log", LogBytes) + "\n" + host.KernelLog()).Split('\n').Where(line => IsAboutOurs(line, label is not null))];
        bool? mayRead = host.ContainersMayRead(label ?? WithoutContext) ?? (ReadableTypes.Contains(label?.Split(':').ElementAtOrDefault(2)) ? true : null);
        if (denials.Length > 0)
        {
            string refused = $"{Words.Count(denials.Length, "access")} to files of ours (the last: {Shown(denials[^1])})";
            return isEnforcing
                ? Finding.Bad($"SELinux has refused {refused}", label is null && IsOnFiles(denials[^1]) && KnowsContainers(host) ? Relabel(host, configured) : Allow)
                : Finding.Note($"{mode}, and would have refused {refused}");
        }

        if (mayRead == false)
        {
            return isEnforcing
                ? Finding.Bad($"{mode} and keeps containers ({SelinuxPolicy.ContainerType}) from reading: {has}", Relabel(host, configured))
                : Finding.Note($"{mode}, and would keep containers ({SelinuxPolicy.ContainerType}) from reading: {has}", Relabel(host, configured));
        }

        if (mount is not null && configured is not null && configured != label)
        {
            return Finding.Note($"{mode}, and {has}: {configured} is configured, and counts when the mount is made anew", Mend.Run(MountAnew(host)));
        }

        return mayRead is null ? Finding.Note($"{mode}, and {has}, which a policy may keep from containers; nothing was refused as far as the logs go")
            : isEnforcing ? Finding.Ok($"{mode}, and {has}, which containers may read; nothing was refused as far as the logs go")
            : Finding.Note($"{mode}, and {has}, which containers may read when it is enforcing, too");
    }

    /// <summary>A label in the configuration, and a mount that has it.</summary>
    private static Mend Relabel(DoctorHost host, string? configured)
    {
        string path = host.Places.ConfigFile ?? ConfigFile.DefaultPath;
        if (configured is not null && host.ContainersMayRead(configured) != false)
        {
            return Mend.Run(MountAnew(host));
        }

        if (!KnowsContainers(host))
        {
            return Mend.Do($"set \"selinuxContext\" in {path} to a label that this policy lets containers read, then: {MountAnew(host)}");
        }

        string setting = $"\"selinuxContext\": \"{SelinuxLabel.ForContainers}\"";
        return host.Files.Exists(path)
            ? Mend.Do($"add {setting} to {path}, then: {MountAnew(host)}")
            : Mend.Run($"mkdir -p {ShellWord.Quote(Path.GetDirectoryName(path)!)} && echo '{{ {setting} }}' >{ShellWord.Quote(path)} && {MountAnew(host)}");
    }

    private static bool KnowsContainers(DoctorHost host) => host.ContainersMayRead(SelinuxLabel.ForContainers) == true;

    private static string MountAnew(DoctorHost host)
        => host.Own.MountAnew(host.Daemon.Pid, host.Daemon.IsSupervised ? host.Daemon.KeeperPid : 0);

    private static HostMount? Mount(DoctorHost host)
        => new[] { ServedMounts.PrivatePath(host.Places.RunDirectory, host.Places.Mount), host.Places.Mount }
            .Select(host.Mounts.On).FirstOrDefault(mount => mount?.Type == "fuse.procfs");

    private static string? Configured(DoctorHost host)
    {
        try
        {
            return host.Config().SelinuxContext;
        }
        catch (Failure)
        {
            return null; // another check tells
        }
    }

    /// <summary>A line of the audit log, or of the kernel's, on a refusal that has to do with us. Those of FUSE's own type are over for a mount with a label.</summary>
    private static bool IsAboutOurs(string line, bool hasLabel) => line.Contains("avc:", StringComparison.Ordinal) && line.Contains("denied", StringComparison.Ordinal)
        && ((IsOnFiles(line) && !hasLabel) || line.Contains("comm=\"procfs", StringComparison.Ordinal));

    private static bool IsOnFiles(string line) => line.Contains("fusefs_t", StringComparison.Ordinal);

    private static string Shown(string line) => line[line.IndexOf("avc:", StringComparison.Ordinal)..].Trim();
}
