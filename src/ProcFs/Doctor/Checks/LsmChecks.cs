namespace ProcFs.Doctor.Checks;

/// <summary>SELinux: enforcing, and what it refused.</summary>
internal sealed class SelinuxCheck : ICheck
{
    private const int LogBytes = 256 << 10;

    public string Id => "selinux";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        if (host.Files.Read("/sys/fs/selinux/enforce")?.Trim() is not { } enforce)
        {
            yield return Finding.Ok("SELinux is not in use");
            yield break;
        }

        string[] denials = [.. (host.Files.Tail("/var/log/audit/audit.log", LogBytes) + "\n" + host.KernelLog()).Split('\n').Where(IsAboutOurs)];
        string last = denials.Length == 0 ? "" : Shown(denials[^1]);
        const string allow = "ausearch -m avc --raw | grep -e fusefs -e procfs | audit2allow -M procfs-files && semodule -i procfs-files.pp";
        if (enforce != "1")
        {
            yield return Finding.Note($"SELinux is permissive{(denials.Length == 0 ? "" : $", and would have refused {Words.Count(denials.Length, "access")} to files of ours (the last: {last})")}");
        }
        else if (denials.Length > 0)
        {
            yield return Finding.Bad($"SELinux has refused {Words.Count(denials.Length, "access")} to files of ours (the last: {last})", Mend.Run(allow));
        }
        else if (host.Mounts.All.FirstOrDefault(mount => mount.Type == "fuse.procfs" && mount.Options.Contains("context=", StringComparison.Ordinal)) is not null)
        {
            yield return Finding.Ok("SELinux is enforcing, the files have a context of their own, and nothing was refused as far as the logs go");
        }
        else
        {
            yield return Finding.Note("SELinux is enforcing, and files of ours have the type fusefs_t, which a policy may keep from containers; nothing was refused as far as the logs go");
        }
    }

    /// <summary>A line of the audit log, or of the kernel's, on a refusal that has to do with us.</summary>
    private static bool IsAboutOurs(string line) => line.Contains("avc:", StringComparison.Ordinal) && line.Contains("denied", StringComparison.Ordinal)
        && (line.Contains("fusefs_t", StringComparison.Ordinal) || line.Contains("comm=\"procfs", StringComparison.Ordinal));

    private static string Shown(string line) => line[line.IndexOf("avc:", StringComparison.Ordinal)..].Trim();
}

/// <summary>AppArmor: what it refused.</summary>
internal sealed class ApparmorCheck : ICheck
{
    public string Id => "apparmor";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        if (host.Files.Read("/sys/module/apparmor/parameters/enabled")?.Trim() != "Y")
        {
            yield return Finding.Ok("AppArmor is not in use");
            yield break;
        }

        string log = host.KernelLog();
        string[] denials = [.. log.Split('\n').Where(IsAboutOurs)];
        yield return denials.Length > 0
            ? Finding.Bad(
                $"AppArmor has refused {Words.Count(denials.Length, "action")} of ours (the last: {denials[^1][denials[^1].IndexOf("apparmor=", StringComparison.Ordinal)..].Trim()})",
                Mend.Do("allow it in the profile that the line names (mount fstype=fuse.procfs, for the engine's or the unit's profile), then apparmor_parser -r"))
            : log.Length == 0
                ? Finding.Note("AppArmor is in use, and the kernel's log cannot be read: what it refused is not known", Mend.Run("journalctl -k --grep 'apparmor=\"DENIED\".*procfs'"))
                : Finding.Ok("AppArmor is in use, and has refused nothing of ours as far as the kernel's log goes");
    }

    private static bool IsAboutOurs(string line) => line.Contains("apparmor=\"DENIED\"", StringComparison.Ordinal)
        && (line.Contains("comm=\"procfs", StringComparison.Ordinal) || line.Contains("fuse.procfs", StringComparison.Ordinal) || line.Contains("name=\"/var/lib/procfs", StringComparison.Ordinal));
}
