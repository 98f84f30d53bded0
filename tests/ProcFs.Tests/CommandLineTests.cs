using ProcFs.Cli;
using ProcFs.Trial;

namespace ProcFs.Tests;

/// <summary>Exit codes and sentences of wrong use. Nothing here needs root.</summary>
[Collection("console")]
public sealed class CommandLineTests
{
    [Theory]
    [InlineData(2, "unknown argument bogus; see procfs --help", "bogus")]
    [InlineData(2, "unknown option --bogus; see procfs serve --help", "serve", "--bogus")]
    [InlineData(2, "\"nope\" is not served; served are proc/meminfo,", "show", "nope")]
    [InlineData(2, "--pid, --cgroup and --container exclude each other", "show", "meminfo", "--pid", "1", "--cgroup", "/x")]
    [InlineData(2, "--pid must be a process number above 0, not -1", "show", "meminfo", "--pid", "-1")]
    [InlineData(2, "Cannot parse argument 'x' for option '--pid'", "show", "meminfo", "--pid", "x")]
    [InlineData(2, "Cannot parse argument '99999999999' for option '--pid'", "show", "meminfo", "--pid", "99999999999")]
    [InlineData(2, "Required argument missing for option: '--pid'", "show", "meminfo", "--pid")]
    [InlineData(2, "--mount must not be empty", "serve", "--mount", "")]
    [InlineData(2, "--run-dir must not be empty", "serve", "--run-dir", "")]
    [InlineData(2, "--proc-root must not be empty", "show", "meminfo", "--proc-root", "")]
    [InlineData(2, "--cgroup-root must not be empty", "--cgroup-root", "", "show", "meminfo")]
    [InlineData(2, "--config must not be empty", "show", "meminfo", "--config", "")]
    [InlineData(2, "\"cpu/cpu/online\" is not served", "show", "cpu/cpu/online")]
    [InlineData(1, "there is no process 2147483646 in /proc", "show", "meminfo", "--pid", "2147483646")]
    [InlineData(1, "there is no cgroup /no/such in any hierarchy", "show", "meminfo", "--cgroup", "no/such")]
    [InlineData(2, "--cgroup must be a path from the root of the hierarchies", "show", "meminfo", "--cgroup", "/a/../b")]
    [InlineData(3, "cannot open /nonexistent: No such file or directory; give the procfs", "show", "meminfo", "--proc-root", "/nonexistent")]
    [InlineData(3, "no cgroup controllers below /usr/share", "show", "meminfo", "--cgroup-root", "/usr/share")]
    [InlineData(2, "cannot read the configuration /nonexistent.json", "show", "meminfo", "--config", "/nonexistent.json")]
    [InlineData(2, "--memory must be a number of bytes from 1m up", "run", "--memory", "lots", "--", "true")]
    [InlineData(2, "unknown argument x; see procfs keep --help", "keep", "x")]
    [InlineData(2, "name a served file, as meminfo, or say --why", "show")]
    [InlineData(2, "--why is about no single file", "show", "meminfo", "--why")]
    [InlineData(2, "--set: unknown key \"x\"; known are workers,", "show", "meminfo", "--set", "x=1")]
    [InlineData(2, "name a container or one of its processes, or say --all; see procfs off --help", "off")]
    [InlineData(2, "--all and single containers exclude each other", "on", "--all", "c")]
    [InlineData(2, "--files: \"nope\" is not served", "off", "--all", "--files", "nope")]
    [InlineData(2, "--memory must be limit, or a number of bytes from 1m up", "attach", "c", "--memory", "lots")]
    [InlineData(2, "--json and --quiet exclude each other; see procfs doctor --help", "doctor", "--json", "--quiet")]
    [InlineData(2, "unknown argument x; see procfs doctor --help", "doctor", "x")]
    [InlineData(2, "--set: \"cpuView\" must be ", "doctor", "--set", "cpuView=nonsense")]
    [InlineData(2, "--swap must be show or hide, not \"off\"", "attach", "c", "--swap", "off")]
    [InlineData(2, "--files, --cpu and the like are for single containers", "attach", "--all", "--btime", "host")]
    [InlineData(2, "unknown option --bogus; see procfs serve --help", "supervise", "--", "--bogus")]
    [InlineData(2, "Option '--mount' expects a single argument but 2 were provided; see procfs serve --help", "supervise", "--mount", "/a", "--", "--mount", "/b")]
    [InlineData(2, "cannot read the configuration /nonexistent.json", "supervise", "--", "--config", "/nonexistent.json")]
    [InlineData(2, "--metrics must be \"unix:/path\" (at most 107 bytes), \"127.0.0.1:PORT\" or \"[::1]:PORT\"", "serve", "--metrics", "0.0.0.0:9100")]
    [InlineData(2, "--set: \"metrics\" must be \"off\", \"unix:/path\"", "show", "meminfo", "--set", "metrics=9100")]
    [InlineData(2, "--selinux-context must be a SELinux label, user:role:type or user:role:type:level, as system_u:object_r:container_file_t:s0; not \"container_file_t\"", "serve", "--selinux-context", "container_file_t")]
    [InlineData(2, "--set: \"selinuxContext\" must be \"off\", or a SELinux label, user:role:type", "show", "meminfo", "--set", "selinuxContext=a:b:c,fd=3")]
    [InlineData(2, "--out must not be empty", "metrics", "--out", "")]
    [InlineData(2, "--watch must be a number of seconds from 0.1 to 3600, not \"0\"", "status", "--watch", "0")]
    [InlineData(2, "--watch must be a number of seconds from 0.1 to 3600, not \"x\"", "status", "--watch", "x")]
    [InlineData(2, "--watch must be a number of seconds from 0.1 to 3600, not \"NaN\"", "status", "--watch", "NaN")]
    [InlineData(2, "--health excludes --why and --watch; see procfs status --help", "status", "--health", "--watch")]
    [InlineData(2, "--json and --oci exclude each other; see procfs targets --help", "targets", "--json", "--oci")]
    [InlineData(2, "--files: \"nope\" is not served", "targets", "--files", "nope")]
    [InlineData(2, "unknown option --bogus; see procfs node install --help", "node", "install", "--bogus")]
    [InlineData(2, "--directory must be an absolute path of letters, digits", "node", "install", "--directory", "/opt/a b")]
    [InlineData(2, "--engines must be containerd, crio, both with a comma, or none, not \"docker\"", "node", "install", "--engines", "docker")]
    [InlineData(2, "--engines must be containerd, crio, both with a comma, or none, not \"none,crio\"", "node", "status", "--engines", "none,crio")]
    [InlineData(2, "--containerd must be drop-in or edit, not \"on\"", "node", "install", "--containerd", "on")]
    [InlineData(2, "--containerd-config must be an absolute path, not \"x\"", "node", "uninstall", "--containerd-config", "x")]
    [InlineData(2, "node install takes neither --mount nor --run-dir", "node", "install", "--mount", "/x")]
    [InlineData(2, "node install takes no --set", "node", "install", "--set", "workers=2")]
    [InlineData(2, "cannot read the configuration /nonexistent.json", "node", "install", "--config", "/nonexistent.json")]
    [InlineData(2, "node run runs status, doctor, metrics, show, targets, not \"serve\"; see procfs node run --help", "node", "run", "--", "serve")]
    [InlineData(2, "node run runs status, doctor, metrics, show, targets, not \"attach\"", "node", "run", "attach", "--all")]
    [InlineData(2, "the options of what node run runs stand behind two dashes", "node", "run", "--mount", "/x", "--", "status")]
    [InlineData(2, "the options of what node run runs stand behind two dashes", "--run-dir", "/x", "node", "run", "status")]
    [InlineData(2, "--directory must be an absolute path of letters, digits", "node", "run", "--directory", "x", "status")]
    [InlineData(2, "Required argument missing for command: 'run'", "node", "run")]
    [InlineData(2, "--every must be a number of seconds from 1 to 3600, not \"0\"", "metrics", "--out", "/x", "--every", "0")]
    [InlineData(2, "--every writes a file again and again: name it with --out", "metrics", "--every", "5")]
    public void What_is_wrong_is_said_in_one_sentence(int code, string expected, params string[] arguments)
    {
        (int actual, string error) = Run(arguments);
        Assert.StartsWith("procfs: ", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Equal(error.Length - 1, error.IndexOf('\n', StringComparison.Ordinal));
        Assert.Equal(code, actual);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("serve", "--help")]
    [InlineData("show", "--help")]
    [InlineData("off", "--help")]
    [InlineData("on", "--help")]
    [InlineData("status", "--help")]
    [InlineData("targets", "--help")]
    [InlineData("metrics", "--help")]
    [InlineData("doctor", "--help")]
    [InlineData("run", "--help")]
    [InlineData("keep", "--help")]
    [InlineData("supervise", "--help")]
    [InlineData("node", "--help")]
    [InlineData("node", "install", "--help")]
    [InlineData("node", "run", "--help")]
    public void Help_is_no_error(params string[] arguments) => Assert.Equal((0, ""), Run(arguments));

    [Theory]
    [InlineData("50m", 50L << 20)]
    [InlineData("1G", 1L << 30)]
    [InlineData("2048k", 2L << 20)]
    [InlineData("1048576", 1L << 20)]
    public void Memory_is_bytes_or_has_a_unit(string text, long bytes) => Assert.Equal(bytes, TrialLimits.Parse(text, null, null).MemoryBytes);

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("-1m")]
    [InlineData("4095")]
    [InlineData("9999999999g")]
    [InlineData("1.5g")]
    public void Memory_that_is_no_size_is_refused(string text) => Assert.Throws<Failure>(() => TrialLimits.Parse(text, null, null));

    [Theory]
    [InlineData("1.5", 150000)]
    [InlineData("0.01", 1000)]
    [InlineData("2", 200000)]
    public void Cpus_are_a_quota(string text, long quota) => Assert.Equal(quota, TrialLimits.Parse(null, text, null).QuotaUsec);

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("0.001")]
    [InlineData("1e3")]
    [InlineData("x")]
    public void Cpus_that_are_no_quota_are_refused(string text) => Assert.Throws<Failure>(() => TrialLimits.Parse(null, text, null));

    [Fact]
    public void A_cpuset_is_a_list() => Assert.Equal("0,2-3", TrialLimits.Parse(null, null, "0,2,3").Cpus);

    [Fact]
    public void A_cpuset_that_is_no_list_is_refused() => Assert.Throws<Failure>(() => TrialLimits.Parse(null, null, "a"));

    private static (int Code, string Error) Run(string[] arguments)
    {
        (TextWriter output, TextWriter error) = (Console.Out, Console.Error);
        using StringWriter newError = new();
        Console.SetOut(TextWriter.Null);
        Console.SetError(newError);
        try
        {
            return (CommandLine.Run(arguments), newError.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }
}
