namespace ProcFs.Doctor.Checks;

/// <summary>AppArmor: what it refused our processes, and the hook.</summary>
internal sealed class ApparmorCheck : ICheck
{
    /// <summary>The last words of profiles that engines have: "/usr/bin/lxc-start", "snap.docker.dockerd". Their containers have others.</summary>
    private static readonly string[] Engines = ["lxc-start", "runc", "crun", "podman", "dockerd", "containerd", "daemon-containerd", "crio"];

    public string Id => "apparmor";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        if (host.Files.Read("/sys/module/apparmor/parameters/enabled")?.Trim() != "Y")
        {
            yield return Finding.Ok("AppArmor is not in use");
            yield break;
        }

        OwnRefusals refusals = new(host, LsmRecord.Of(host, LsmRecord.Apparmor, out bool hasLog), (record, own) => MayBeOurs(record, own, host.Places.Mount));
        Mend mend = Mend.Do($"read the records, and allow what was refused in the profile that they name (to bring in files: mount fstype=fuse.procfs), then: apparmor_parser -r /etc/apparmor.d/PROFILE; {OwnRefusals.Restart(host)}");
        if (refusals.ByProcess is [.., { } last])
        {
            yield return Finding.Bad($"AppArmor has refused {Words.Count(refusals.ByProcess.Count, "action")} of the daemon's own processes (the last, of process {last.Pid}: {last.Text})", mend);
        }

        if (refusals.ByDomain is [.., { } other])
        {
            yield return Finding.Warning(
                $"AppArmor has refused {Words.Count(refusals.ByDomain.Count, "action")} in the profile of an engine or of the daemon, by processes that are called as ours or on our mount: the hook may not bring in files (the last: {other.Text})", mend);
        }

        if (refusals is { ByProcess.Count: 0, ByDomain.Count: 0 })
        {
            yield return hasLog
                ? Finding.Ok("AppArmor is in use, and has refused nothing of ours as far as the logs go")
                : Finding.Note("AppArmor is in use, and the kernel's log cannot be read: what it refused is not known", Mend.Run("journalctl -k --grep 'apparmor=\"DENIED\".*procfs'"));
        }
    }

    /// <summary>Profiles with a namespace are a container's own, whatever they are called; without one, containers can be "unconfined".</summary>
    private static bool MayBeOurs(LsmRecord record, IReadOnlyList<OwnProcess> own, string mount)
        => record.Field("profile") is { } profile and not "unconfined" && record.Field("namespace") is null
            && (Engines.Contains(LastWord(profile)) || own.Any(process => process.Label.Split(' ')[0] == profile))
            && (record.Name?.StartsWith("procfs", StringComparison.Ordinal) == true || record.Field("fstype") == "fuse.procfs" || IsBelow(record.Field("name"), mount) || IsBelow(record.Field("srcname"), mount));

    private static string LastWord(string profile) => profile.Split("//")[0].Split('/', '.')[^1];

    private static bool IsBelow(string? path, string mount) => path is not null && (path + "/").StartsWith(mount + "/", StringComparison.Ordinal);
}
