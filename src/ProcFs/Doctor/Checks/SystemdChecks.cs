using System.Globalization;

namespace ProcFs.Doctor.Checks;

/// <summary>systemd: whether it is the manager, and how old it is.</summary>
internal sealed class SystemdCheck : ICheck
{
    private const int NamesDescriptors = 233, TellsItsChild = 248;

    public string Id => "systemd";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        if (!host.Systemd.IsManager)
        {
            yield return Finding.Ok("systemd is not the manager here: procfs supervise keeps the daemon");
            yield break;
        }

        // "systemd 252 (252.39-1~deb12u1)" and more lines
        string[] words = (host.Ask(["systemctl", "--version"]) ?? "").Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (words is not ["systemd", { } number, ..] || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int version))
        {
            yield return Finding.Note("systemd is the manager here, and systemctl did not say in time which version it is");
        }
        else
        {
            yield return version < NamesDescriptors ? Finding.Note($"systemd {version} does not name descriptors that it stores (233 does): the keeper alone keeps the mount")
                : version < TellsItsChild ? Finding.Note($"systemd {version} does not say that a descriptor is stored (248 does): the very first start mounts first and stores then")
                : Finding.Ok($"systemd {version} keeps the daemon's descriptors");
        }
    }
}

/// <summary>The units: installed, of use, and started at boot.</summary>
internal sealed class UnitsCheck : ICheck
{
    private static readonly string[] Names = ["procfs.service", "procfs-keeper.service"];

    public string Id => "systemd.units";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        if (!host.Systemd.IsManager)
        {
            yield return Finding.Ok("systemd is not the manager here");
            yield break;
        }

        bool isFine = true;
        foreach (string name in Names)
        {
            if (host.Systemd.Unit(name) is not { } unit)
            {
                isFine = false;
                yield return Finding.Warning($"{name} is not installed: systemd neither starts the daemon nor keeps its descriptors", Mend.Do("install the package, or the two files of systemd/ into /etc/systemd/system, then systemctl daemon-reload"));
            }
            else if (unit.IsMasked)
            {
                isFine = false;
                yield return Finding.Warning($"{name} is masked ({unit.Path}): it cannot be started", Mend.Run($"systemctl unmask {name}"));
            }
            else if (unit.Last("FileDescriptorStoreMax") is not { } store || store.Value is "0" or "")
            {
                isFine = false;
                string file = unit.Last("FileDescriptorStoreMax")?.File ?? unit.Path;
                yield return Finding.Warning(
                    $"{name} may store no descriptors (FileDescriptorStoreMax= in {file}): a crash of the daemon would cost the mount, were it not for the other unit",
                    Mend.Run($"mkdir -p /etc/systemd/system/{name}.d && printf '[Service]\\nFileDescriptorStoreMax=16\\n' >/etc/systemd/system/{name}.d/zz-store.conf && systemctl daemon-reload && systemctl restart procfs"));
            }
        }

        if (host.Systemd.Unit(Names[0]) is { IsMasked: false } && !host.Systemd.IsEnabled(Names[0]))
        {
            isFine = false;
            yield return Finding.Warning($"{Names[0]} is not enabled: after the next boot nobody serves", Mend.Run("systemctl enable procfs"));
        }

        if (isFine)
        {
            yield return Finding.Ok("both units are installed, may store descriptors, and are started at boot");
        }
    }
}

/// <summary>What systemd says of the units now: running, descriptors stored.</summary>
internal sealed class StoreCheck : ICheck
{
    private const string Properties = "Id,ActiveState,SubState,NFileDescriptorStore,NeedDaemonReload";

    public string Id => "systemd.store";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        if (!host.Systemd.HasUnitFor(host.Places.RunDirectory))
        {
            yield return Finding.Ok("no unit of systemd serves here");
            yield break;
        }

        if (host.Ask(["systemctl", "show", "-p", Properties, "procfs.service", "procfs-keeper.service"]) is not { } text)
        {
            yield return Finding.Note("systemctl did not say in time how the units are");
            yield break;
        }

        bool isFine = true;
        foreach (string block in text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            Dictionary<string, string> unit = block.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2)
                .DistinctBy(pair => pair[0]).ToDictionary(pair => pair[0], pair => pair[1]);
            string name = unit.GetValueOrDefault("Id", "procfs.service");
            if (Problem(unit, name) is { } problem)
            {
                isFine = false;
                yield return problem;
            }
        }

        if (isFine)
        {
            yield return Finding.Ok("both units run, and systemd holds the descriptors of both");
        }
    }

    private static Finding? Problem(Dictionary<string, string> unit, string name)
    {
        string state = unit.GetValueOrDefault("ActiveState", "");
        return state == "failed"
                ? Finding.Warning($"{name} has failed, and systemd does not start it again by itself: journalctl -u {name} says why", Mend.Run($"systemctl start {name}"))
            : state is not ("active" or "activating" or "reloading")
                ? Finding.Warning($"{name} is {(state.Length == 0 ? "unknown to systemd" : state)}", Mend.Run($"systemctl start {name}"))
            : unit.GetValueOrDefault("NeedDaemonReload") == "yes"
                ? Finding.Warning($"the file of {name} has changed, and systemd has not read it", Mend.Run("systemctl daemon-reload"))
            : state == "active" && unit.GetValueOrDefault("NFileDescriptorStore") is "0"
                ? Finding.Warning($"systemd holds no descriptors of {name}: a crash would cost the mount, were it not for the other unit", Mend.Run(name == "procfs.service" ? "systemctl restart procfs" : "systemctl kill procfs-keeper"))
            : null;
    }
}
