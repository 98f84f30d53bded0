namespace ProcFs.Doctor.Checks;

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
