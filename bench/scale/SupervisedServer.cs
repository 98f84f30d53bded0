using System.Globalization;

namespace ProcFs.Bench;

/// <summary><c>procfs supervise</c> and the server that it has started, whichever that is now.</summary>
internal sealed class SupervisedServer : Server
{
    /// <exception cref="BenchFailure">It does not serve; its log is in the message.</exception>
    public SupervisedServer(Site site, string name)
        : base(site, name, site.NewDirectory(name), ProcFsServer.Program, "supervise", "--mount", site.NewDirectory($"{name}/mount"), "--run-dir", $"{site.Scratch}/{name}/run")
        => Await(() => Log.Contains("serving", StringComparison.Ordinal) && Log.Contains("workers", StringComparison.Ordinal));

    public string RunDirectory => Directory + "/run";

    protected override string ConnectionMount => System.IO.Directory.GetDirectories(RunDirectory + "/fuse")[0];

    /// <summary>The server of this moment; 0: there is none.</summary>
    public int Serving => int.TryParse(Processes.Read($"/proc/{Pid}/task/{Pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .FirstOrDefault(child => Processes.CommandLine(int.Parse(child, CultureInfo.InvariantCulture)).Contains("\0--supervised\0", StringComparison.Ordinal)), CultureInfo.InvariantCulture, out int pid) ? pid : 0;

    /// <summary>Files in the spool: containers that count as registered.</summary>
    public int Entries => System.IO.Directory.GetFiles(RunDirectory + "/registry", "*.json").Length;

    /// <summary>Runs a verb with the places of this server.</summary>
    public Output Verb(TimeSpan limit, params string[] arguments) => Child.Run(limit, [ProcFsServer.Program, .. arguments, "--mount", Mount, "--run-dir", RunDirectory]);
}
