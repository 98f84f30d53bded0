using System.Diagnostics;
using System.Globalization;
using ProcFs.Fuse;
using ProcFs.Hook;
using ProcFs.Interop;
using ProcFs.Serving;

namespace ProcFs.Trial;

/// <summary>The mount that <c>procfs run</c> takes files from: a running daemon's, or that of one started for it alone.</summary>
internal sealed class PrivateServer : IDisposable
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan GoneWithin = TimeSpan.FromSeconds(5);

    private readonly Process? _process;
    private readonly string? _directory;
    private readonly string _procRoot;

    private PrivateServer(string mount, string procRoot, Process? process, string? directory)
    {
        Mount = mount;
        _procRoot = procRoot;
        _process = process;
        _directory = directory;
    }

    public string Mount { get; }

    /// <exception cref="Failure">None is running, and none could be started.</exception>
    public static PrivateServer Find(TrialOptions options)
    {
        if (ServerLock.Holder(options.RunDirectory, options.Mount) > 0)
        {
            return new PrivateServer(options.Mount, options.Roots.Proc, null, null);
        }

        string directory = Directory.CreateTempSubdirectory("procfs-run-").FullName;
        string mount = Directory.CreateDirectory(Path.Combine(directory, "mount")).FullName;
        ProcessStartInfo start = new(OwnProgram.Path, [
            "serve", "--for-parent", "--mount", mount, "--run-dir", RunDirectoryIn(directory),
            "--proc-root", options.Roots.Proc, "--cgroup-root", options.Roots.Cgroup,
            .. options.ConfigPath is { } config ? new[] { "--config", config } : [],
        ])
        {
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        PrivateServer server = new(mount, options.Roots.Proc, Process.Start(start), directory);
        try
        {
            server.WaitUntilReady();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (_process is null)
        {
            return;
        }

        if (!_process.HasExited)
        {
            _ = Libc.Kill(_process.Id, Libc.SIGTERM);
            if (!_process.WaitForExit(GoneWithin))
            {
                _process.Kill();
                _process.WaitForExit(GoneWithin);
            }
        }

        _process.Dispose();
        ServedMounts.Detach(RunDirectoryIn(_directory!), Mount, _procRoot);
        Directory.Delete(_directory!, recursive: true);
    }

    private static string RunDirectoryIn(string directory) => Path.Combine(directory, "run");

    private void WaitUntilReady()
    {
        long start = Stopwatch.GetTimestamp();
        while (MountPoint.Inspect(Mount, procRoot: _procRoot).Kind != MountPointKind.OwnMount)
        {
            if (_process!.HasExited)
            {
                string said = _process.StandardError.ReadToEnd().Trim();
                throw new Failure((ExitCode)_process.ExitCode, said.StartsWith("procfs: ", StringComparison.Ordinal) ? said["procfs: ".Length..] : said);
            }

            if (Stopwatch.GetElapsedTime(start) > ReadyWithin)
            {
                throw new Failure(ExitCode.Failed, string.Create(CultureInfo.InvariantCulture,
                    $"the daemon started for this run did not mount {Mount} within {ReadyWithin.TotalSeconds} s; try procfs serve by hand to see why"));
            }

            Thread.Sleep(2);
        }

        // Nobody reads its log from here on, and a full pipe must not stop it.
        _process!.BeginErrorReadLine();
    }
}
