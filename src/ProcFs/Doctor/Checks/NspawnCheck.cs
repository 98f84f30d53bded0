namespace ProcFs.Doctor.Checks;

/// <summary>systemd-nspawn: machines that bind the common files.</summary>
internal sealed class NspawnCheck : ICheck
{
    private static readonly string[] Directories = ["/etc/systemd/nspawn", "/run/systemd/nspawn", "/var/lib/machines"];

    public string Id => "nspawn";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        if (host.Files.Find("systemd-nspawn") is not { } program)
        {
            yield return Finding.Ok("systemd-nspawn is not installed");
            yield break;
        }

        string[] machines = [.. Directories.SelectMany(directory => host.Files.List(directory, ".nspawn")).Where(path => host.Files.Read(path)?.Contains(host.Places.Mount + "/", StringComparison.Ordinal) == true)];
        yield return machines.Length == 0
                ? Finding.Note($"{program} is here, and no machine binds files of {host.Places.Mount}: machines get none", Mend.Do($"install {EngineFiles.Shipped(host, "nspawn/procfs.nspawn") ?? "hooks/nspawn/procfs.nspawn"} as /etc/systemd/nspawn/MACHINE.nspawn for each that is to have them"))
            : host.Daemon.IsRunning ? Finding.Ok($"{Words.Some([.. machines.Select(path => Path.GetFileNameWithoutExtension(path))])} bind files of {host.Places.Mount}")
            : Finding.Bad(
                $"{Words.Some([.. machines.Select(path => Path.GetFileNameWithoutExtension(path))])} bind files of {host.Places.Mount}, which nobody serves: systemd-nspawn does not start them",
                Mend.Run(host.Own.Start(host.Daemon.KeeperPid > 0)));
    }
}
