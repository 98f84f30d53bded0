namespace ProcFs.Doctor.Checks;

/// <summary>Settings of our units that would hide the mount.</summary>
internal sealed class UnitNamespaceCheck : ICheck
{
    private const string Service = "procfs.service", Keeper = "procfs-keeper.service";

    /// <summary>systemd.exec(5): each makes a mount namespace. With the value by which it makes none; an empty one takes back all that lists have, and to the others says nothing.</summary>
    private static readonly (string Key, string Off)[] Hiding =
    [
        ("PrivateTmp", "no"), ("PrivateDevices", "no"), ("PrivateMounts", "no"), ("PrivateIPC", "no"), ("ProtectSystem", "no"), ("ProtectHome", "no"), ("ProtectKernelTunables", "no"),
        ("ProtectKernelModules", "no"), ("ProtectKernelLogs", "no"), ("ProtectControlGroups", "no"), ("ProtectProc", "default"), ("ProcSubset", "all"), ("DynamicUser", "no"), ("ReadOnlyPaths", ""),
        ("ReadWritePaths", ""), ("InaccessiblePaths", ""), ("NoExecPaths", ""), ("TemporaryFileSystem", ""), ("BindPaths", ""), ("BindReadOnlyPaths", ""), ("LogNamespace", ""), ("RootDirectory", ""),
        ("RootImage", ""), ("MountFlags", ""),
    ];

    private static readonly string[] Harmless = ["", "no", "false", "0", "off", "n", "f", "default", "all", "shared"];

    public string Id => "systemd.namespace";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        bool isFine = true;
        foreach (string name in host.Systemd.IsManager ? new[] { Service, Keeper } : [])
        {
            UnitSetting[] wrong = host.Systemd.Unit(name) is { } unit ? [.. Hiding.Select(setting => Wrong(unit, setting.Key, setting.Off)).OfType<UnitSetting>()] : [];
            foreach (UnitSetting setting in wrong)
            {
                isFine = false;
                string cost = name == Service ? "its mount is not to be seen outside, and the daemon refuses to start" : "what it unmounts stays mounted outside";
                yield return Finding.Bad($"{setting.File} sets {setting.Key}={setting.Value}, by which {name} gets a mount namespace of its own: {cost}", SwitchOff(name, wrong));
            }
        }

        if (isFine)
        {
            yield return Finding.Ok(host.Systemd.IsManager ? "no unit of ours has a mount namespace of its own" : "systemd is not the manager here");
        }
    }

    /// <summary>What counts of a key, where that makes a mount namespace.</summary>
    private static UnitSetting? Wrong(UnitFile unit, string key, string off)
        => unit.Settings.LastOrDefault(setting => setting.Key == key && (setting.Value.Length > 0 || off.Length == 0)) is { } counts && !Harmless.Contains(counts.Value, StringComparer.OrdinalIgnoreCase) ? counts : null;

    /// <summary>
    /// One line for all settings of a unit, since it starts with none of them. Files that others made stay as they are: they may be for all services, or a package's.
    /// </summary>
    private static Mend SwitchOff(string name, UnitSetting[] wrong)
    {
        string file = DropIn(name, wrong);
        string[] lines = ["[Service]", .. Hiding.Where(setting => wrong.Any(other => other.Key == setting.Key)).Select(setting => $"{setting.Key}={setting.Off}")];
        // The keeper is never restarted by a command; what ended it starts it again.
        string restart = name == Service ? "systemctl restart procfs" : "{ systemctl kill procfs-keeper; systemctl start procfs-keeper; }";
        return Mend.Run($"mkdir -p {Path.GetDirectoryName(file)} && {EngineFiles.Append(lines, file)} && systemctl daemon-reload && {restart}");
    }

    /// <summary>A file of the unit that is read behind all that say otherwise: drop-ins go by their names, wherever they lie.</summary>
    private static string DropIn(string name, UnitSetting[] wrong)
    {
        const string ending = "procfs.conf", usual = "zz-" + ending;
        string directory = $"/etc/systemd/system/{name}.d";
        string last = wrong.Select(setting => setting.File).Where(file => file.EndsWith(".conf", StringComparison.Ordinal)).MaxBy(Path.GetFileName, StringComparer.Ordinal) ?? "";
        string lastName = Path.GetFileName(last);
        return string.CompareOrdinal(lastName, usual) < 0 ? $"{directory}/{usual}"
            : last.StartsWith(directory + "/", StringComparison.Ordinal) && last.EndsWith(ending, StringComparison.Ordinal) ? last // such a file already: what stands at its end counts
            : $"{directory}/{lastName[..^".conf".Length]}.{ending}";
    }
}
