using System.Globalization;
using ProcFs.Containers;
using ProcFs.Interop;

namespace ProcFs.Doctor.Checks;

/// <summary>The daemon must see and be seen: the host's namespaces.</summary>
internal sealed class DaemonNamespaceCheck : ICheck
{
    public string Id => "daemon.namespaces";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        DaemonFacts daemon = host.Daemon;
        if (!daemon.IsRunning)
        {
            yield return Finding.Ok("no daemon runs");
            yield break;
        }

        string pid = daemon.Pid.ToString(CultureInfo.InvariantCulture);
        string restart = host.Own.StartOver(daemon.Pid, daemon.IsSupervised ? daemon.KeeperPid : 0);
        bool isFine = true;
        if (IsOther("mnt") && daemon.Public.Kind != Fuse.MountPointKind.OwnMount)
        {
            isFine = false;
            yield return Finding.Bad($"the daemon, process {pid}, has a mount namespace of its own: its mount is not to be seen here, nor by engines", Mend.Run(restart));
        }

        if (IsOther("pid"))
        {
            isFine = false;
            yield return Finding.Bad($"the daemon, process {pid}, is in another pid namespace: it cannot tell who reads, and shows no limits", Mend.Run(restart));
        }

        if (IsOther("cgroup"))
        {
            isFine = false;
            yield return Finding.Warning($"the daemon, process {pid}, is in another cgroup namespace: containers outside of that count as having no limits", Mend.Run(restart));
        }

        if (isFine)
        {
            yield return Finding.Ok(host.Namespace(pid, "mnt") == 0 ? "the daemon's namespaces are not to be seen" : "the daemon is where its mount is seen, and sees who reads");
        }

        bool IsOther(string name) => host.Namespace(pid, name) is > 0 and ulong theirs && host.Namespace("self", name) is > 0 and ulong ours && theirs != ours;
    }
}

/// <summary>What the daemon and its attacher may do: capabilities(7).</summary>
internal sealed class DaemonCapabilitiesCheck : ICheck
{
    private static readonly Wanted[] OfAttacher =
    [
        new("CAP_SYS_ADMIN", Libc.CAP_SYS_ADMIN, CheckState.Bad, "nothing can be mounted, here or in containers"),
        new("CAP_SYS_CHROOT", Libc.CAP_SYS_CHROOT, CheckState.Bad, "no running container can be entered: files are neither brought in nor taken out"),
    ];

    private static readonly Wanted[] OfServer =
    [
        new("CAP_SYS_PTRACE", Libc.CAP_SYS_PTRACE, CheckState.Warning, "namespaces of readers with other users or more rights are not to be seen, and such readers get the view of their own cgroup alone"),
        new("CAP_DAC_READ_SEARCH", Libc.CAP_DAC_READ_SEARCH, CheckState.Note, "cgroup files that their owners closed are not read"),
        new("CAP_SYS_RESOURCE", Libc.CAP_SYS_RESOURCE, CheckState.Note, "triggers on pressure files with windows that are no multiple of 2 s are refused"),
    ];

    public string Id => "daemon.capabilities";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        DaemonFacts daemon = host.Daemon;
        byte[] server = daemon.IsRunning ? daemon.StatusOf(daemon.Pid) : [];
        if (server.Length == 0)
        {
            yield return Finding.Ok("no daemon runs");
            yield break;
        }

        int attacherPid = daemon.AttacherPid;
        byte[] attacher = attacherPid > 0 ? daemon.StatusOf(attacherPid) : server;
        if (attacher.Length == 0 || ProcessStatus.Parse(attacher).State is (byte)'Z' or (byte)'X')
        {
            yield return Finding.Bad($"the daemon's attacher, process {attacherPid}, has ended: nothing can be mounted, here or in containers", Mend.Run(host.Own.Restart(daemon.Pid, daemon.IsSupervised, daemon.KeeperPid > 0)));
            yield break;
        }

        Finding[] lacks =
        [
            .. Lacking(attacher, OfAttacher, attacherPid > 0 ? $"the daemon's attacher, process {attacherPid}," : $"the daemon, process {daemon.Pid},", host),
            .. Lacking(server, OfServer, $"the daemon, process {daemon.Pid},", host),
        ];
        foreach (Finding finding in lacks)
        {
            yield return finding;
        }

        if (lacks.Length == 0)
        {
            yield return attacherPid > 0
                ? Finding.Ok("the daemon has every capability that it uses, and its attacher those that mount")
                : Finding.Note($"the daemon, process {daemon.Pid}, has no attacher, and so keeps CAP_SYS_ADMIN itself", Mend.Do("event 1115 in its log says why; mend that, then restart it"));
        }
    }

    /// <summary>Who may override permissions needs none to read and search.</summary>
    private static bool Has(byte[] status, int capability)
        => CallerRights.IsSet(status, capability) || (capability == Libc.CAP_DAC_READ_SEARCH && CallerRights.IsSet(status, Libc.CAP_DAC_OVERRIDE));

    private static IEnumerable<Finding> Lacking(byte[] status, Wanted[] wanted, string whose, DoctorHost host)
        => wanted.Where(capability => !Has(status, capability.Number))
            .Select(capability => new Finding(capability.State, $"{whose} lacks {capability.Name}: {capability.Without}", Mend.Do(host.Systemd.HasUnitFor(host.Places.RunDirectory)
                ? $"add {capability.Name} to CapabilityBoundingSet= of both units and their drop-ins (systemctl edit), then systemctl daemon-reload and systemctl restart procfs"
                : $"end it, and start it with {capability.Name}, which whoever starts it must have")));

    /// <param name="Name">As capabilities(7) has it.</param>
    /// <param name="Number">Its bit.</param>
    /// <param name="State">How bad it is not to have it.</param>
    /// <param name="Without">What does not work then.</param>
    private sealed record Wanted(string Name, int Number, CheckState State, string Without);
}

/// <summary>How many files the daemon may open.</summary>
internal sealed class DaemonLimitsCheck : ICheck
{
    private const int Least = 4096, PerContainer = 30, Own = 1024; // README of systemd/

    public string Id => "daemon.limits";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        DaemonFacts daemon = host.Daemon;
        string? line = daemon.IsRunning ? daemon.FileOf(daemon.Pid, "limits").Split('\n').FirstOrDefault(line => line.StartsWith("Max open files", StringComparison.Ordinal)) : null;
        // Name, soft limit, hard limit, unit.
        if (line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [_, _, _, _, { } hard, ..] || !long.TryParse(hard, NumberStyles.None, CultureInfo.InvariantCulture, out long limit))
        {
            yield return Finding.Ok(line is null ? "no daemon runs" : "the daemon may open any number of files");
            yield break;
        }

        int containers = host.Containers.Registered.Count;
        long wanted = Math.Max(Least, Own + ((long)containers * PerContainer));
        yield return limit < wanted
            ? Finding.Warning(
                $"the daemon may open {limit} files, and {wanted} are wanted for {Words.Count(containers, "container")}: it closes what it could keep, and reads take longer",
                Mend.Do(host.Systemd.HasUnitFor(host.Places.RunDirectory)
                    ? "set LimitNOFILE=65536 in a drop-in (systemctl edit procfs), then systemctl restart procfs"
                    : "end it, and start it where ulimit -Hn says 65536"))
            : Finding.Ok($"the daemon may open {limit} files");
    }
}

/// <summary>Whether the daemon is the program that is installed.</summary>
internal sealed class DaemonProgramCheck : ICheck
{
    private const string Deleted = " (deleted)";

    public string Id => "daemon.program";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        DaemonFacts daemon = host.Daemon;
        string? program = daemon.IsRunning ? LinkTarget(string.Create(CultureInfo.InvariantCulture, $"{host.Places.Roots.Proc}/{daemon.Pid}/exe")) : null;
        yield return program is null ? Finding.Ok(daemon.IsRunning ? "which program the daemon is cannot be seen" : "no daemon runs")
            : program.EndsWith(Deleted, StringComparison.Ordinal)
                ? Finding.Note(
                    $"{program[..^Deleted.Length]} was replaced, and the daemon, process {daemon.Pid}, is still the old one",
                    Mend.Run(host.Own.Restart(daemon.Pid, daemon.IsSupervised, daemon.KeeperPid > 0)))
            : Finding.Ok($"the daemon is {program}");
    }

    private static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
