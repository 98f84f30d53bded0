using System.Globalization;
using ProcFs.Configuration;
using ProcFs.Files;
using ProcFs.Serving;
using ProcFs.Tree;

namespace ProcFs.Doctor.Checks;

/// <summary>SELinux: enforcing or not, the label of the mount and whether containers may read it, and what was refused.</summary>
internal sealed class SelinuxCheck : ICheck
{
    private const string WithoutContext = "system_u:object_r:fusefs_t:s0"; // genfscon of all policies that are in use

    /// <summary>Where the kernel cannot be asked: what the policies with containers in them let these read.</summary>
    private static readonly string[] ReadableTypes = ["container_file_t", "container_ro_file_t", "container_share_t", "svirt_sandbox_file_t"];

    /// <summary>Domains of engines, in which hooks run. Containers have others.</summary>
    private static readonly string[] Engines = ["container_runtime_t", "container_engine_t", "dockerd_t", "podman_t", "crio_t", "virtd_lxc_t"];

    public string Id => "selinux";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        if (host.Files.Read("/sys/fs/selinux/enforce")?.Trim() is not { } enforce)
        {
            return [Finding.Ok("SELinux is not in use")];
        }

        bool isEnforcing = enforce == "1";
        // What was only noted while SELinux, or the domain, was permissive was not refused.
        LsmRecord[] records = [.. LsmRecord.Of(host, LsmRecord.Selinux, out _).Where(record => !isEnforcing || record.Field("permissive") != "1")];
        OwnRefusals refusals = new(host, records, MayBeOurs);
        Finding[] refused = [.. Refused(host, refusals, isEnforcing)];
        return [.. refused, .. Label(host, isEnforcing, [.. records.Where(refusals.IsSinceStart)], refused.Length > 0)];
    }

    /// <summary>What our own processes, and hooks, were refused. Rules that would allow it are for somebody to read: no line here loads any.</summary>
    private static IEnumerable<Finding> Refused(DoctorHost host, OwnRefusals refusals, bool isEnforcing)
    {
        string refused = isEnforcing ? "SELinux has refused" : "SELinux is permissive, and would have refused";
        if (refusals.ByProcess is [.., { } last])
        {
            string records = last.IsInAuditLog ? $"ausearch -m avc -p {last.Pid} -ts boot --raw" : $"dmesg | grep -F 'for  pid={last.Pid} '";
            Finding finding = Finding.Bad(
                $"{refused} {Words.Count(refusals.ByProcess.Count, "action")} of the daemon's own processes (the last, of process {last.Pid}: {last.Text})",
                Mend.Do($"read the rules that would allow it ({records} | audit2allow); load a module with those that you want (semodule -i), then: {OwnRefusals.Restart(host)}"));
            yield return isEnforcing ? finding : finding with { State = CheckState.Note };
        }

        if (refusals.ByDomain is [.., { } other])
        {
            Finding finding = Finding.Warning(
                $"{refused} {Words.Count(refusals.ByDomain.Count, "action")} in the domain of an engine or of the daemon, by processes that are called as ours: the hook may not bring in files (the last: {other.Text})",
                Mend.Do($"read the records ({(other.IsInAuditLog ? "ausearch -m avc -c procfs -ts boot" : "dmesg")}), and allow {TypeOf(other.Field("scontext"))} what you want of it, then: {OwnRefusals.Restart(host)}"));
            yield return isEnforcing ? finding : finding with { State = CheckState.Note };
        }
    }

    /// <summary>The label of the mount, and who may read by it.</summary>
    private static IEnumerable<Finding> Label(DoctorHost host, bool isEnforcing, IReadOnlyList<LsmRecord> records, bool isRefused)
    {
        string? configured = Configured(host);
        HostMount? mount = Mount(host);
        string? label = mount is null ? configured : mount.Context;
        string mode = isEnforcing ? "SELinux is enforcing" : "SELinux is permissive";
        string has = $"{(mount is null ? "the next mount" : "the mount")} has {(label is null ? "no label of its own, so files of ours have the type fusefs_t" : $"the label {label}")}";
        bool? mayRead = host.ContainersMayRead(label ?? WithoutContext) ?? (ReadableTypes.Contains(TypeOf(label)) ? true : null);
        LsmRecord[] onFiles = [.. records.Where(record => IsOnFile(record, label ?? WithoutContext))];
        if (mayRead == false)
        {
            string keeps = $"{mode} and {(isEnforcing ? "keeps" : "would keep")} containers ({SelinuxPolicy.ContainerType}) from reading: {has}";
            yield return isEnforcing ? Finding.Bad(keeps, Relabel(host, configured)) : Finding.Note(keeps, Relabel(host, configured));
            yield break;
        }

        if (onFiles is [.., { } last])
        {
            string refused = $"{mode}, and {(isEnforcing ? "has" : "would have")} refused {Words.Count(onFiles.Length, "look")} at files on a FUSE mount that are labelled, named and numbered like ours; whose mount it was the records do not say (the last: {last.Text})";
            string reader = TypeOf(last.Field("scontext")) ?? "";
            Mend mend = Mend.Do(label is null
                ? $"if {reader} is a domain of containers that should read them, {Relabel(host, configured).Line}"
                : $"if {reader} should read them, allow it to read {TypeOf(label)} in the policy, then: {OwnRefusals.Restart(host)}");
            yield return isEnforcing ? Finding.Warning(refused, mend) : Finding.Note(refused, mend);
            yield break;
        }

        string nothing = isRefused ? "" : "; nothing was refused as far as the logs go";
        yield return mount is not null && configured is not null && configured != label
            ? Finding.Note($"{mode}, and {has}: {configured} is configured, and counts when the mount is made anew", Mend.Run(MountAnew(host)))
            : mayRead is null ? Finding.Note($"{mode}, and {has}, which a policy may keep from containers{nothing}")
            : isEnforcing ? Finding.Ok($"{mode}, and {has}, which containers may read{nothing}")
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

    private static bool MayBeOurs(LsmRecord record, IReadOnlyList<OwnProcess> own)
        => record.Name?.StartsWith("procfs", StringComparison.Ordinal) == true && TypeOf(record.Field("scontext")) is { } domain
            && (Engines.Contains(domain) || own.Any(process => TypeOf(process.Label) == domain));

    /// <summary>
    /// Whether a file is as ours: FUSE, our label, and the number that a file of that name has here. All FUSE mounts have the same device name in records, and
    /// another server can give the same names and numbers.
    /// </summary>
    private static bool IsOnFile(LsmRecord record, string label)
        => record.Field("dev") == "fuse" && TypeOf(record.Field("tcontext")) == TypeOf(label)
            && ulong.TryParse(record.Field("ino"), NumberStyles.None, CultureInfo.InvariantCulture, out ulong inode) && NodeId.FileOf(inode) is var number
            && Path.GetFileName(record.Field("path") ?? record.Field("name")) is { } name
            && ((number, name) is (NodeId.SysDevicesSystemCpu, "cpu") || ProcFiles.All.Any(entry => entry.Number == number && Path.GetFileName(entry.File.Path) == name));

    /// <summary>"user:role:TYPE:level"; null: it is no label.</summary>
    private static string? TypeOf(string? label) => label?.Trim('"').Split(':').ElementAtOrDefault(2);
}
