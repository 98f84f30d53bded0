using ProcFs.Cgroups;
using ProcFs.Configuration;
using ProcFs.Hook;
using ProcFs.Host;

namespace ProcFs.Doctor;

/// <summary>Command lines that start, end and use this program at the places that doctor looks at.</summary>
internal sealed class OwnCommands
{
    private readonly string _options;
    private readonly string _program;
    private readonly bool _isUnit;

    /// <param name="places">Where things are.</param>
    /// <param name="isUnit">systemd has a procfs.service for this run directory.</param>
    public OwnCommands(DoctorPlaces places, bool isUnit)
    {
        _isUnit = isUnit;
        _program = IsInPath(OwnProgram.Path) ? Path.GetFileName(OwnProgram.Path) : OwnProgram.Path;
        List<string> options = [];
        Add("--mount", places.Mount, Cli.RootOptions.DefaultMount);
        Add("--run-dir", places.RunDirectory, Cli.RootOptions.DefaultRunDirectory);
        Add("--proc-root", places.Roots.Proc, HostRoots.DefaultProc);
        Add("--cgroup-root", places.Roots.Cgroup, CgroupLayout.DefaultRoot);
        Add("--config", places.ConfigFile ?? ConfigFile.DefaultPath, ConfigFile.DefaultPath);
        _options = options.Count == 0 ? "" : " " + ShellWord.Join(options);

        void Add(string name, string value, string byDefault)
        {
            if (value != byDefault)
            {
                options.AddRange([name, value]);
            }
        }
    }

    /// <summary>Where this program is: for files that name it.</summary>
    public static string ProgramPath => OwnProgram.Path;

    /// <summary>
    /// What a pod runs on a node that has no program of ours has no path there: "/proc/self/exe" in a file or in a shell is another one. Then there is one thing to be done first.
    /// </summary>
    /// <param name="finding">What was found.</param>
    /// <param name="program">The path of the program that runs.</param>
    public static Finding Sayable(Finding finding, string program)
    {
        if (!program.StartsWith("/proc/", StringComparison.Ordinal))
        {
            return finding;
        }

        Finding said = finding with { Text = finding.Text.Replace(program, "procfs", StringComparison.Ordinal) };
        return said.Mend?.Line.Contains(Path.GetDirectoryName(program) + "/", StringComparison.Ordinal) == true
            ? said with { Mend = Mend.Do("install procfs on this host first (procfs node install, or its package), then ask again: what runs here has no path on it") }
            : said;
    }

    /// <summary>A verb that ends: <c>procfs attach --all</c>.</summary>
    public string Verb(string verb) => $"{ShellWord.Quote(_program)} {verb}{_options}";

    /// <summary>Starts the daemon where nobody serves.</summary>
    /// <param name="hasKeeper">One runs already: then no second one is started.</param>
    public string Start(bool hasKeeper = false) => _isUnit ? "systemctl start procfs" : InBackground(hasKeeper ? "serve" : "supervise");

    /// <summary>Starts a keeper beside a daemon.</summary>
    public string Keep() => _isUnit ? "systemctl start procfs-keeper" : InBackground("keep");

    /// <summary>Another daemon in the place of the one that serves.</summary>
    /// <param name="pid">That one.</param>
    /// <param name="isSupervised">Whoever started it starts the next.</param>
    /// <param name="hasKeeper">Its descriptors are kept.</param>
    public string Restart(int pid, bool isSupervised, bool hasKeeper)
        => _isUnit ? "systemctl restart procfs" : isSupervised ? $"kill {pid}" : $"kill {pid}; {Ended(pid)}; {InBackground(hasKeeper ? "serve" : "supervise")}";

    /// <summary>Ends one that answers nobody, and has another one started.</summary>
    /// <inheritdoc cref="Restart"/>
    public string Kill(int pid, bool isSupervised, bool hasKeeper)
        => _isUnit ? "systemctl kill -s KILL procfs" : isSupervised ? $"kill -KILL {pid}" : $"kill -KILL {pid}; {Ended(pid)}; {InBackground(hasKeeper ? "serve" : "supervise")}";

    /// <summary>Ends the daemon for good, and starts one from the shell that this is typed into: in its namespaces.</summary>
    /// <param name="pid">The daemon.</param>
    /// <param name="supervisor">Who would start the next one; 0: nobody.</param>
    public string StartOver(int pid, int supervisor)
    {
        int end = supervisor > 0 ? supervisor : pid;
        return _isUnit ? "systemctl restart procfs" : $"kill {end}; {Ended(end)}; {InBackground("supervise")}";
    }

    /// <summary>Ends the mount, and has a daemon make a new one.</summary>
    /// <param name="pid">The daemon; 0: none runs.</param>
    /// <param name="supervisor">Who would start the next one; 0: nobody.</param>
    public string MountAnew(int pid, int supervisor)
    {
        int end = supervisor > 0 ? supervisor : pid;
        string stop = _isUnit ? "systemctl stop procfs && " : end > 0 ? $"kill {end}; {Ended(end)}; " : "";
        return $"{stop}{Verb("serve --unmount")} && {(_isUnit ? "systemctl start procfs" : InBackground("supervise"))}";
    }

    private static string Ended(int pid) => $"timeout 20 tail --pid={pid} -f /dev/null";

    private static bool IsInPath(string program)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Contains(Path.GetDirectoryName(program));

    private string InBackground(string verb) => $"setsid -f {Verb(verb)} </dev/null >>/var/log/procfs.log 2>&1";
}
