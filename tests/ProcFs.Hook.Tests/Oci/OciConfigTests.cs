using System.Text;
using ProcFs.Hook.Oci;
using ProcFs.Hook.Tests.Support;

namespace ProcFs.Hook.Tests.Oci;

public sealed class OciConfigTests
{
    private const string Usual = """
        {
          "ociVersion": "1.0.2",
          "root": { "path": "rootfs", "readonly": true },
          "process": { "env": ["PATH=/bin", "PROCFS_DISABLE=0", "X=PROCFS_DISABLE=1"], "rlimits": [{ "type": "RLIMIT_NOFILE", "hard": 1024 }] },
          "mounts": [
            { "destination": "/proc", "type": "proc", "source": "proc" },
            { "destination": "/sys/", "type": "sysfs", "source": "sysfs", "options": ["ro"] }
          ],
          "annotations": { "io.procfs.files": "meminfo" },
          "linux": {
            "namespaces": [{ "type": "pid" }, { "type": "mount" }, { "type": "network", "path": "/run/netns/x" }],
            "maskedPaths": ["/proc/kcore", "/sys/firmware/", "/proc//acpi"],
            "resources": { "devices": [{ "allow": false }], "memory": { "limit": -1 }, "cpu": { "shares": 1024, "quota": 0 } }
          }
        }
        """;

    [Fact]
    public void A_usual_one_is_understood()
    {
        OciConfig config = Parse(Usual);
        Assert.Equal("rootfs", config.RootPath);
        Assert.True(config.HasOwnMountNamespace);
        Assert.True(config.HasProc);
        Assert.False(config.IsDisabledByEnvironment);
        Assert.False(config.IsLimited);
        Assert.Equal(["/proc", "/sys"], config.Destinations);
        Assert.Equal(["proc/kcore", "sys/firmware", "proc/acpi"], config.Masked);
        Assert.Equal("meminfo", config.Annotations["io.procfs.files"]);
    }

    [Fact]
    public void One_that_says_nothing_has_nothing()
    {
        OciConfig config = Parse("{}");
        Assert.Null(config.RootIn("/run/b"));
        Assert.False(config.HasOwnMountNamespace || config.HasProc || config.IsDisabledByEnvironment || config.IsLimited);
    }

    [Theory]
    [InlineData("rootfs", "/run/b/rootfs")]
    [InlineData("/var/lib/x/merged", "/var/lib/x/merged")]
    public void The_root_is_relative_to_the_bundle_or_absolute(string path, string expected)
        => Assert.Equal(expected, Parse($$$"""{"root":{"path":"{{{path}}}"}}""").RootIn("/run/b"));

    [Theory]
    [InlineData("""{"linux":{"namespaces":[{"type":"mount","path":"/proc/7/ns/mnt"}]}}""", false)]
    [InlineData("""{"linux":{"namespaces":[{"type":"mount","path":""}]}}""", true)]
    [InlineData("""{"linux":{"namespaces":[{"path":"","type":"mount"},7,null]}}""", true)]
    [InlineData("""{"linux":{"namespaces":{"type":"mount"}}}""", false)]
    [InlineData("""{"linux":null}""", false)]
    public void A_mount_namespace_is_its_own_when_it_has_no_path(string text, bool expected) => Assert.Equal(expected, Parse(text).HasOwnMountNamespace);

    [Theory]
    [InlineData("""{"type":"proc","destination":"/proc/"}""", true)]
    [InlineData("""{"type":"proc","destination":"//proc"}""", true)]
    [InlineData("""{"type":"proc","destination":"proc"}""", true)]
    [InlineData("""{"type":"bind","destination":"/proc","source":"/proc"}""", false)]
    [InlineData("""{"type":"tmpfs","destination":"/proc"}""", false)]
    [InlineData("""{"type":"proc","destination":"/host/proc"}""", false)]
    [InlineData("""{"destination":"/proc"}""", false)]
    [InlineData("7", false)]
    public void Proc_is_a_procfs_on_proc(string mount, bool expected) => Assert.Equal(expected, Parse($$"""{"mounts":[{{mount}}]}""").HasProc);

    [Theory]
    [InlineData("\"PROCFS_DISABLE=1\"", true)]
    [InlineData("\"PROCFS_DISABLE=true\"", true)]
    [InlineData("\"PROCFS_DISABLE=0\",\"PROCFS_DISABLE=1\"", true)]
    [InlineData("\"PROCFS_DISABLE=1\",\"PROCFS_DISABLE=\"", false)]
    [InlineData("\"PROCFS_DISABLE\"", false)]
    [InlineData("7", false)]
    public void The_last_word_of_the_environment_counts(string variables, bool expected)
        => Assert.Equal(expected, Parse($$$"""{"process":{"env":[{{{variables}}}]}}""").IsDisabledByEnvironment);

    [Theory]
    [InlineData("""{"memory":{"limit":67108864}}""", true)]
    [InlineData("""{"memory":{"swap":67108864}}""", true)]
    [InlineData("""{"memory":{"limit":0,"reservation":5}}""", false)]
    [InlineData("""{"memory":{"limit":"67108864"}}""", false)]
    [InlineData("""{"cpu":{"quota":50000}}""", true)]
    [InlineData("""{"cpu":{"quota":-1,"shares":2}}""", false)]
    [InlineData("""{"cpu":{"cpus":"0-1"}}""", true)]
    [InlineData("""{"cpu":{"cpus":""}}""", false)]
    [InlineData("""{"unified":{"memory.max":"1000000"}}""", true)]
    [InlineData("""{"unified":{"memory.max":"max","cpu.max":"max 100000"}}""", false)]
    [InlineData("""{"unified":{"cpu.max":"50000 100000"}}""", true)]
    [InlineData("""{"pids":{"limit":5}}""", false)]
    public void Limits_are_those_of_memory_and_cpus(string resources, bool expected)
        => Assert.Equal(expected, Parse($$$"""{"linux":{"resources":{{{resources}}}}}""").IsLimited);

    [Theory]
    [InlineData("/proc/meminfo", "proc/meminfo", true)]
    [InlineData("/proc", "proc/meminfo", true)]
    [InlineData("/sys/devices/system", "sys/devices/system/cpu/online", true)]
    [InlineData("/proc/mem", "proc/meminfo", false)]
    [InlineData("/", "proc/meminfo", false)]
    [InlineData("", "proc/meminfo", false)]
    [InlineData("/proc/meminfo/x", "proc/meminfo", false)]
    public void A_mask_hides_a_file_and_what_is_below_a_directory(string mask, string file, bool expected)
        => Assert.Equal(expected, Parse($$$"""{"linux":{"maskedPaths":["{{{mask}}}"]}}""").IsMasked(file));

    [Fact]
    public void Every_prefix_is_refused_and_none_throws()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Usual.TrimEnd());
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.Null(OciConfig.Parse(whole.AsSpan(0, length), out string defect));
            Assert.NotEmpty(defect);
        }
    }

    [Fact]
    public void A_file_that_is_missing_too_long_or_a_link_is_a_sentence_with_its_path()
    {
        using TemporaryDirectory bundle = new();
        AssertDefect(bundle.Path, "No such file");
        File.CreateSymbolicLink(bundle.At("config.json"), "/etc/passwd");
        AssertDefect(bundle.Path, "symbolic link");
        File.Delete(bundle.At("config.json"));
        using (FileStream file = File.Create(bundle.At("config.json")))
        {
            file.SetLength((16 << 20) + 1);
        }

        AssertDefect(bundle.Path, "16 MiB");
    }

    private static void AssertDefect(string bundle, string reason)
    {
        Assert.Null(OciConfig.Read(bundle, out string defect));
        Assert.Contains(bundle + "/config.json", defect, StringComparison.Ordinal);
        Assert.Contains(reason, defect, StringComparison.Ordinal);
    }

    private static OciConfig Parse(string text)
    {
        OciConfig? config = OciConfig.Parse(Encoding.UTF8.GetBytes(text), out string defect);
        Assert.True(config is not null, defect);
        return config;
    }
}
