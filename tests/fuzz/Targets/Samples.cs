using System.Text;

namespace ProcFs.Fuzz.Targets;

/// <summary>JSON that several targets begin with.</summary>
internal static class Samples
{
    public const string Annotations = """
        "io.procfs.enable":"1","io.procfs.files":"proc/meminfo, cpu, stat","io.procfs.cpu":"cpuset","io.procfs.cpu-numbering":"host","io.procfs.btime":"container","io.procfs.swap":"hide","io.procfs.memory":"512m"
        """;

    /// <summary>What an engine writes, shortened.</summary>
    public static byte[] Config { get; } = Encoding.UTF8.GetBytes("""
        {"ociVersion":"1.0.2","process":{"terminal":false,"user":{"uid":0,"gid":0},"args":["sleep","inf"],"env":["PATH=/bin","PROCFS_DISABLE=0"],"cwd":"/","rlimits":[{"type":"RLIMIT_NOFILE","hard":1048576,"soft":1024}]},
        "root":{"path":"rootfs","readonly":true},"hostname":"box","mounts":[{"destination":"/proc","type":"proc","source":"proc"},{"destination":"/sys","type":"sysfs","source":"sysfs","options":["nosuid","ro"]},
        {"destination":"/proc//sys/","type":"bind","source":"/x","options":["rbind"]}],"annotations":{"io.procfs.files":"proc/meminfo","x":"y"},
        "hooks":{"prestart":[{"path":"/usr/bin/other","args":["other"],"timeout":3}],"createRuntime":[{"path":"/y","unknown":1e400}],"poststop":null},
        "linux":{"resources":{"memory":{"limit":67108864,"swap":-1},"cpu":{"quota":150000,"period":100000,"cpus":"0-3"},"unified":{"memory.high":"max","cpu.max":"max 100000"}},
        "cgroupsPath":"/c","namespaces":[{"type":"pid"},{"type":"mount"},{"type":"network","path":"/proc/1/ns/net"}],"maskedPaths":["/proc/kcore","/sys/firmware"],"readonlyPaths":["/proc/bus"]},
        "vm":{"later":18446744073709551616,"é":"ü<>&'"}}
        """);
}
