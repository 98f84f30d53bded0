using System.Diagnostics;
using System.Text;
using ProcFs.Interop;

namespace ProcFs.Bench;

/// <summary>A running server of files: its process, its mount, its connection. All of it is gone after disposal.</summary>
internal abstract class Server : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60); // an emulated machine takes its time

    private readonly string _scratch;
    private readonly Process _process;
    private readonly StringBuilder _log = new();

    /// <param name="site">Where it runs.</param>
    /// <param name="name">What it is called in tables.</param>
    /// <param name="directory">Its own directory, with the mount and its state below.</param>
    /// <param name="command">Stays in the foreground.</param>
    protected Server(Site site, string name, string directory, params string[] command)
    {
        Name = name;
        Directory = directory;
        _scratch = site.Scratch;
        _process = Child.Start(command);
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        StartedProcesses.Note(site.Scratch, _process.Id);
    }

    /// <summary>What it is called in tables.</summary>
    public string Name { get; }

    public int Pid => _process.Id;

    /// <summary>What it wrote.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>The number of its FUSE connection.</summary>
    /// <exception cref="BenchFailure">It is not mounted any more.</exception>
    public uint Connection => FuseMounts.ConnectionOf(ConnectionMount) ?? throw new BenchFailure($"{Name} is not mounted any more; its log:\n{Log}");

    /// <summary>The directory that has proc/meminfo and so on.</summary>
    public string Mount => Directory + "/mount";

    protected string Directory { get; }

    /// <summary>Where the whole connection is mounted.</summary>
    protected virtual string ConnectionMount => Mount;

    public void Dispose()
    {
        _ = Libc.Kill(Pid, Libc.SIGTERM);
        if (!_process.WaitForExit(3000))
        {
            _ = Libc.Kill(Pid, Libc.SIGKILL);
        }

        FuseMounts.RemoveBelow(Directory);
        _ = _process.WaitForExit(5000);
        StartedProcesses.Forget(_scratch, Pid);
        _process.Dispose();
    }

    /// <summary>Waits until it serves; otherwise ends it.</summary>
    protected void Await(Func<bool> serves)
    {
        if (Wait.Until(StartLimit, () => _process.HasExited || serves()) && !_process.HasExited)
        {
            return;
        }

        string end = _process.HasExited ? $"ended with code {_process.ExitCode}" : $"does not serve after {StartLimit.TotalSeconds:0} s";
        Dispose();
        throw new BenchFailure($"{Name} {end}: {Log.Trim()}");
    }

    /// <summary>Whether its mount is there and answers, asked by a process of its own.</summary>
    protected bool Answers(string file) => FuseMounts.ConnectionOf(Mount) is not null && Child.Run("head", "-c", "1", $"{Mount}/{file}") is { ExitCode: 0, Out.Length: 1 };

    private void Note(string? line)
    {
        lock (_log)
        {
            _log.AppendLine(line);
        }
    }
}

/// <summary><c>procfs serve</c> with a mount and a run directory of its own.</summary>
internal sealed class ProcFsServer : Server
{
    private readonly string _program;

    /// <param name="site">Where it runs.</param>
    /// <param name="program">The binary.</param>
    /// <param name="name">What it is called in tables; a site may have several.</param>
    /// <param name="more">Further arguments of serve.</param>
    /// <exception cref="BenchFailure">It does not serve; its log is in the message.</exception>
    public ProcFsServer(Site site, string program, string name = "procfs", params string[] more)
        : base(site, name, site.NewDirectory(name), [program, "serve", .. Places(site, name), .. more])
    {
        _program = program;
        Await(() => Log.Contains("serving", StringComparison.Ordinal) && Log.Contains("workers", StringComparison.Ordinal));
    }

    public string RunDirectory => Directory + "/run";

    protected override string ConnectionMount => System.IO.Directory.GetDirectories(RunDirectory + "/fuse")[0];

    /// <summary>The program that is measured: PROCFS_BINARY, or the native build.</summary>
    public static string Program { get; } = Environment.GetEnvironmentVariable("PROCFS_BINARY") is { Length: > 0 } named ? named : $"{Repository.Path}/artifacts/procfs";

    /// <summary>Runs a verb with the places of this server.</summary>
    public Output Verb(TimeSpan limit, params string[] arguments) => Child.Run(limit, [_program, .. arguments, "--mount", Mount, "--run-dir", RunDirectory]);

    /// <summary>Registers a container and brings these files over its own. No others: a .NET program that starts there, as our reader does, reads dozens in the directory of CPUs.</summary>
    public void Attach(Container container, IEnumerable<string> files) =>
        _ = Verb(TimeSpan.FromSeconds(60), "attach", container.Pid.ToString(System.Globalization.CultureInfo.InvariantCulture), "--files", string.Join(',', files)).Ok();

    private static string[] Places(Site site, string name)
    {
        string mount = site.NewDirectory($"{name}/mount");
        return ["--mount", mount, "--run-dir", $"{site.Scratch}/{name}/run"];
    }
}

/// <summary>lxcfs as Debian starts it: without options.</summary>
internal sealed class LxcfsServer : Server
{
    private LxcfsServer(Site site, string program)
        : base(site, "lxcfs", site.NewDirectory("lxcfs"), program, "-f", "-p", $"{site.Scratch}/lxcfs/pid", site.NewDirectory("lxcfs/mount"))
        => Await(() => Answers("proc/meminfo"));

    /// <summary>The program that is measured: LXCFS ("none": none), or the one on the PATH; null when there is none.</summary>
    public static string? Program { get; } = Environment.GetEnvironmentVariable("LXCFS") switch
    {
        "none" => null,
        { Length: > 0 } named => named,
        _ => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/bin").Select(d => Path.Combine(d, "lxcfs")).FirstOrDefault(File.Exists),
    };

    /// <summary>Null when this host has no lxcfs.</summary>
    /// <exception cref="BenchFailure">It does not serve; its log is in the message.</exception>
    public static LxcfsServer? Start(Site site) => Program is { } program ? new LxcfsServer(site, program) : null;
}
