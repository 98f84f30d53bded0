using ProcFs.Node;

namespace ProcFs.Doctor;

/// <summary>Who configures and starts a containerd.</summary>
internal enum ContainerdKeeper
{
    /// <summary>The administrator, and a unit of its own.</summary>
    Itself,

    /// <summary>k3s or RKE2: they write its file anew at each start, from a template, and newer ones have it import a directory.</summary>
    Rancher,

    /// <summary>k0s, which adds files of a directory to its own.</summary>
    K0s,

    /// <summary>MicroK8s, which makes its file from a template.</summary>
    MicroK8s,
}

/// <summary>A containerd: one by itself, or one that a Kubernetes distribution brings.</summary>
/// <param name="Name">As people say it.</param>
/// <param name="Keeper">Who configures it.</param>
/// <param name="Config">The file that it reads, or the template of that.</param>
/// <param name="Units">One of which starts it.</param>
internal sealed record ContainerdPlace(string Name, ContainerdKeeper Keeper, string Config, params string[] Units)
{
    /// <summary>The containerd of the administrator.</summary>
    public static readonly ContainerdPlace Own = new("containerd", ContainerdKeeper.Itself, EngineOptions.DefaultContainerdFile, "containerd");

    /// <summary>Those of distributions: pods are theirs where one is there.</summary>
    public static readonly IReadOnlyList<ContainerdPlace> Distributions =
    [
        new("k3s", ContainerdKeeper.Rancher, "/var/lib/rancher/k3s/agent/etc/containerd/config.toml", "k3s", "k3s-agent"),
        new("RKE2", ContainerdKeeper.Rancher, "/var/lib/rancher/rke2/agent/etc/containerd/config.toml", "rke2-server", "rke2-agent"),
        new("k0s", ContainerdKeeper.K0s, "/etc/k0s/containerd.toml"),
        new("MicroK8s", ContainerdKeeper.MicroK8s, "/var/snap/microk8s/current/args/containerd-template.toml"),
    ];

    public static IReadOnlyList<ContainerdPlace> All => [Own, .. Distributions];

    /// <summary>All files that may name a runtime to it, as patterns for a shell.</summary>
    public IReadOnlyList<string> Patterns => Keeper switch
    {
        ContainerdKeeper.Itself => [Config, $"{Directory}/conf.d/*.toml"],
        ContainerdKeeper.Rancher => [Config, Template(2), Template(3), $"{Directory}/config.toml.d/*.toml", $"{Directory}/config-v3.toml.d/*.toml"],
        ContainerdKeeper.K0s => [Config, $"{Directory}/containerd.d/*.toml"],
        _ => [Config],
    };

    public string Directory => Path.GetDirectoryName(Config)!;

    /// <summary>What k3s and RKE2 make their file from, where it is there.</summary>
    /// <param name="version">Of that file.</param>
    public string Template(int version) => $"{Directory}/{(version > 2 ? "config-v3.toml.tmpl" : "config.toml.tmpl")}";

    /// <summary>Whether it is on this host.</summary>
    public bool IsOn(DoctorHost host) => Patterns.Any(pattern => EngineFiles.Matching(host.Files, pattern).Count > 0);
}
