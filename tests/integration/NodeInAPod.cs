using System.Globalization;
using System.Text.Json.Nodes;

namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        memory 64 MiB, quota 1.5 CPUs: lives through all of it

/// <summary>The image as the DaemonSet runs it, on a node with systemd: installed, evicted, upgraded, rolled back, uninstalled. On a machine that is thrown away.</summary>
public sealed class NodeInAPod(ServedTree tree) : IDisposable
{
    private const string Directory = "/opt/procfs";
    private const string Limited = "MemTotal:          65536 kB";

    /// <summary>podman takes no path of more than 50 characters for its state.</summary>
    private readonly string _scratch = System.IO.Directory.CreateDirectory($"{tree.Scratch}/pods").FullName;

    [Fact]
    public void A_node_from_installation_to_removal()
    {
        Assert.SkipUnless(Guest.HasSystemd, "installs a service on the whole machine: needs a guest that is thrown away, with systemd as process 1: ./build.sh test");
        Assert.SkipUnless(Child.Shell("command -v podman").ExitCode == 0, "not installed: podman");
        string[] before = InstalledPackage.Traces();
        PodEngine engine = new(_scratch);
        string first = engine.LoadShipped() ?? engine.Import(Daemon.Binary, "first", _scratch), second = engine.Import(Another(), "second", _scratch);

        NodePod pod = NodePod.Start(engine, first);
        string version;
        try
        {
            version = VersionIn(pod.AwaitReady());
            Assert.True(Pace.Until(20, () => (Units.Stored("procfs"), Units.Stored("procfs-keeper")) == (2, 2)), Units.Journal);
            Assert.Equal("enabled", Child.Run("systemctl", "is-enabled", "procfs").Line());
            // The daemon is systemd's, not the pod's.
            Assert.DoesNotContain("libpod", File.ReadAllText($"/proc/{Units.ServerPid}/cgroup"), StringComparison.Ordinal);
        }
        catch
        {
            pod.Dispose();
            throw;
        }

        using OciContainer container = tree.RunHooked(new ContainerOptions { IsBare = true, Memory = 64 << 20, Quota = Units.Quota, Change = Hook });
        Assert.Equal(Limited, Total(container));
        int server = Units.ServerPid, keeper = Units.KeeperPid;

        During(container, "pod killed and made anew", () =>
        {
            pod.Dispose();
            pod = NodePod.Start(engine, first);
            Assert.Equal(version, VersionIn(pod.AwaitReady()));
            Assert.True(Pace.Until(30, () => pod.Log.Contains("nothing to do", StringComparison.Ordinal)), pod.Log);
        });
        Assert.Equal((server, keeper), (Units.ServerPid, Units.KeeperPid));

        string upgraded = "";
        During(container, "image upgraded", () => upgraded = Replace(ref pod, engine, second, version));
        Assert.NotEqual(server, Units.ServerPid);
        Assert.Equal(keeper, Units.KeeperPid);

        During(container, "image rolled back", () => Assert.Equal(version, Replace(ref pod, engine, first, upgraded)));
        Assert.Equal(keeper, Units.KeeperPid);

        // Somebody stops the service: the pod starts it again.
        Units.Control("stop", "procfs");
        Assert.True(Pace.Until(60, () => Units.ServerPid > 0), pod.Log);
        Assert.True(Pace.Until(30, () => Total(container) == Limited), Total(container));

        // On SIGTERM a pod leaves everything as it is.
        server = Units.ServerPid;
        pod.Stop();
        Assert.Equal(server, Units.ServerPid);
        Assert.Equal(Limited, Total(container));
        pod.Dispose();

        using (NodePod removal = NodePod.Start(engine, first, "node", "uninstall", "--wait"))
        {
            Assert.True(Pace.Until(60, () => removal.Log.Contains("nothing is left on this node", StringComparison.Ordinal)), removal.Log);
            AssertGone(container, before);
        }
    }

    public void Dispose()
    {
        if (!Guest.HasSystemd)
        {
            return;
        }

        foreach (string name in new[] { "procfs", "procfs-keeper" })
        {
            _ = Child.RunFor(Pace.Limit(30), "systemctl", "kill", "--signal=KILL", name);
            File.Delete($"/etc/systemd/system/{name}.service");
        }

        _ = Child.RunFor(Pace.Limit(30), "systemctl", "daemon-reload");
        FuseMounts.Remove(Units.Mount);
        FuseMounts.RemoveBelow("/run/procfs");
        _ = Child.Run("rm", "-rf", "--one-file-system", Directory, "/run/procfs");
    }

    /// <summary>A program that does the same and is another one.</summary>
    private string Another()
    {
        string file = $"{_scratch}/another";
        File.Copy(Daemon.Binary, file);
        using FileStream end = new(file, FileMode.Append);
        end.WriteByte(0); // no loader looks there
        return file;
    }

    /// <summary>Another image in the place of the one that runs: first the old pod goes, as a DaemonSet has it.</summary>
    /// <returns>The version that serves then, which is not the one before.</returns>
    private static string Replace(ref NodePod pod, PodEngine engine, string image, string before)
    {
        pod.Stop();
        pod.Dispose();
        pod = NodePod.Start(engine, image);
        NodePod now = pod;
        string status = "";
        Assert.True(Pace.Until(60, () => VersionIn(status = now.Status().Out) is var version && version != before && status.Contains($"serving: {version},", StringComparison.Ordinal)), $"{status}\n{now.Log}");
        return VersionIn(status);
    }

    /// <summary>The first line is "installed: VERSION", perhaps with another one behind it.</summary>
    private static string VersionIn(string status) => status.Split('\n')[0].Split(' ') is [_, string version, ..] ? version : "";

    private static void Hook(JsonObject config) => config["hooks"] = new JsonObject(new[] { "createRuntime", "poststop" }.Select(stage => KeyValuePair.Create<string, JsonNode?>(stage,
        new JsonArray(new JsonObject { ["path"] = Directory + "/current/procfs", ["args"] = Hooked.Words("procfs", "hook"), ["timeout"] = 5 }))));

    /// <summary>Does something that no reader on the host or in the container may notice.</summary>
    private static void During(OciContainer container, string occasion, Action what)
    {
        string hang = Pace.Limit(60).TotalSeconds.ToString(CultureInfo.InvariantCulture);
        string mount = FuseMounts.Identity(Units.Mount);
        using Reader host = Reader.OnHost(Units.Mount, "--hang", hang), inside = Reader.In(container, Units.Quota, "--hang", hang);
        Reader.AwaitReady(host, inside);

        what();

        Reader.AssertUntroubled(occasion, host, inside);
        Assert.Equal(mount, FuseMounts.Identity(Units.Mount));
        Assert.Equal(Limited, Total(container));
    }

    private static string Total(OciContainer container) => container.Exec("cat", "/proc/meminfo").Out.Split('\n')[0];

    private static void AssertGone(OciContainer container, string[] before)
    {
        Assert.Equal(File.ReadLines("/proc/meminfo").First(), Total(container));
        Assert.Empty(container.OurFiles);
        Assert.Empty(FuseMounts.On(Units.Mount));
        Assert.Empty(FuseMounts.Below("/run/procfs"));
        Assert.True(Pace.Until(10, () => Units.ServerPid == 0 && Units.KeeperPid == 0), "a process is left");
        Assert.Empty(InstalledPackage.Traces().Except(before));
        Assert.False(Path.Exists(Directory) || Path.Exists("/run/procfs") || Path.Exists("/var/lib/procfs"), "a directory is left");
    }
}
