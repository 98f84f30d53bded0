using System.Globalization;
using System.Text.Json.Nodes;

namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1..3     memory 64 MiB; as containerd keeps them: an ordinary one, one that opts out, and a sandbox
//   container-4, 5     the same, as CRI-O and root's podman keep them in one place

/// <summary>procfs node attach: containers of pods that came before us.</summary>
public sealed class PodsThatRun(ServedTree tree)
{
    [Fact]
    public void They_get_their_files_unless_they_want_none_or_are_sandboxes()
    {
        string state = tree.NewDirectory("state");
        using OciContainer ordinary = Run(state, config => config["annotations"] = new JsonObject { ["io.kubernetes.cri.container-type"] = "container" });
        using OciContainer unwilling = Run(state, config => config["process"]!["env"] = Hooked.Words("PATH=/usr/bin:/bin", "PROCFS_DISABLE=1"));
        using OciContainer sandbox = Run(state, Hooked.Annotation("io.kubernetes.cri.container-type", "sandbox"));
        using OciContainer crio = Run(state, Hooked.Annotation("io.kubernetes.cri-o.ContainerType", "container"), "/userdata");
        using OciContainer podman = Run(state, _ => { }, "/userdata");
        Directory.CreateDirectory($"{state}/no-container");

        Output first = Attach(state);

        if (first.Out.Contains("within 200 ms", StringComparison.Ordinal))
        {
            LateHooks.AssertLate(() => Hooked.Files(ordinary).Length == ServedTree.Attached.Length && Hooked.Files(crio).Length == ServedTree.Attached.Length);
        }

        Assert.All([ordinary, crio], AssertWhole);
        Assert.Empty(unwilling.OurFiles);
        Assert.Empty(sandbox.OurFiles);
        Assert.Empty(podman.OurFiles);
        Assert.Equal(new[] { ordinary, crio }.Select(container => $"{tree.RunDirectory}/registry/{container.Id}.json").Order(StringComparer.Ordinal), Hooked.Registered(tree.RunDirectory).Order(StringComparer.Ordinal));
        Assert.Contains("3 container(s)", first.Ok(), StringComparison.Ordinal);

        // Those that have their files are passed over.
        int mounts = ordinary.OurFiles.Count;
        Assert.Contains("1 container(s)", Attach(state).Ok(), StringComparison.Ordinal);
        Assert.Equal(mounts, ordinary.OurFiles.Count);
    }

    private static void AssertWhole(OciContainer container)
    {
        Assert.Equal(ServedTree.Attached, Hooked.Files(container));
        Assert.Equal("MemTotal:          65536 kB", ProcText.Lines(container.Read("/proc/meminfo"))[0]);
    }

    private Output Attach(string state) => tree.Procfs("node", "attach", "--here", "--state", state);

    /// <summary>A container without our files, and its bundle as containerd's shim has it, or below, as CRI-O.</summary>
    private OciContainer Run(string state, Action<JsonObject> change, string below = "")
    {
        OciContainer container = tree.Run(new ContainerOptions { IsBare = true, Memory = 64 << 20, Change = change });
        string bundle = Directory.CreateDirectory($"{state}/{container.Id}{below}").FullName;
        File.Copy($"{container.Bundle}/config.json", $"{bundle}/config.json");
        File.WriteAllText($"{bundle}/{(below.Length > 0 ? "pidfile" : "init.pid")}", container.Pid.ToString(CultureInfo.InvariantCulture));
        return container;
    }
}
