namespace ProcFs.Doctor.Checks;

/// <summary>containerd, and k3s and RKE2, which bring their own: a runtime whose program is ours, and there.</summary>
internal sealed class ContainerdCheck : ICheck
{
    private const string Own = "/etc/containerd/config.toml";

    private static readonly string[] Others =
    [
        "/var/lib/rancher/k3s/agent/etc/containerd/config.toml", "/var/lib/rancher/k3s/agent/etc/containerd/config.toml.tmpl", "/var/lib/rancher/k3s/agent/etc/containerd/config-v3.toml.tmpl",
        "/var/lib/rancher/rke2/agent/etc/containerd/config.toml", "/var/lib/rancher/rke2/agent/etc/containerd/config.toml.tmpl",
        "/var/snap/microk8s/current/args/containerd-template.toml", "/etc/k0s/containerd.toml",
    ];

    public string Id => "containerd";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        string? program = host.Files.Find("containerd");
        string[] kubernetes = [.. Others.Where(host.Files.Exists)];
        string[] files = [Own, .. host.Files.List("/etc/containerd/conf.d", ".toml"), .. host.Files.List("/etc/k0s/containerd.d", ".toml"), .. kubernetes];
        if (program is null && kubernetes.Length == 0)
        {
            yield return Finding.Ok("containerd is not installed");
            yield break;
        }

        (string File, string Runtime)[] ours = [.. files.SelectMany(file => TomlText.StringsOf(host.Files.Read(file) ?? "", "BinaryName").Where(IsOurs).Select(runtime => (file, runtime)))];
        (string File, string Runtime)[] stale = [.. ours.Where(found => !host.Files.IsProgram(found.Runtime))];
        foreach ((string file, string runtime) in stale)
        {
            yield return Finding.Bad(
                $"{file} has a runtime with {runtime}, which is no program: its containers do not start",
                Mend.Run($"ln -sf {ShellWord.Quote(OwnCommands.ProgramPath)} {ShellWord.Quote(runtime)}"));
        }

        if (ours.Length == 0)
        {
            yield return Finding.Note(
                $"{program ?? kubernetes[0]} is here, and has no runtime of ours: pods get no files (docker, nerdctl and ctr name theirs themselves)",
                EngineFiles.Install(host, "containerd/config.toml", "hooks/containerd/config.toml", kubernetes.Length > 0 ? kubernetes[0] : Own, host.Systemd.IsManager ? " && systemctl restart containerd" : ""));
        }
        else if (stale.Length == 0)
        {
            yield return Finding.Ok($"containerd has a runtime of ours ({ours[0].File})");
        }
    }

    private static bool IsOurs(string program) => Path.GetFileName(program).StartsWith("procfs", StringComparison.Ordinal);
}
