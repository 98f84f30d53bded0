namespace ProcFs.Doctor.Checks;

/// <summary>systemd-nspawn: machines that bind the common files.</summary>
internal sealed class NspawnCheck : ICheck
{
    /// <summary>Where it looks for a machine's file; the scripts of the packages look there, too.</summary>
    public static readonly IReadOnlyList<string> Directories = ["/etc/systemd/nspawn", "/run/systemd/nspawn", "/var/lib/machines"];

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
                ? Finding.Note($"{program} is here, and no machine binds files of {host.Places.Mount}: machines get none", SetUp(host))
            : host.Daemon.IsRunning ? Finding.Ok($"{Words.Some([.. machines.Select(path => Path.GetFileNameWithoutExtension(path))])} bind files of {host.Places.Mount}")
            : Finding.Bad(
                $"{Words.Some([.. machines.Select(path => Path.GetFileNameWithoutExtension(path))])} bind files of {host.Places.Mount}, which nobody serves: systemd-nspawn does not start them",
                Mend.Run(host.Own.Start(host.Daemon.KeeperPid > 0)));
    }

    /// <summary>Which machines are to have files nobody can know.</summary>
    private static Mend SetUp(DoctorHost host)
    {
        const string place = "/etc/systemd/nspawn/MACHINE.nspawn";
        EngineFile file = EngineFile.Nspawn(host.Places.Mount);
        // The package's file has the mount point in it.
        string? shipped = host.Places.Mount == Cli.RootOptions.DefaultMount ? EngineFiles.Shipped(host, file) : null;
        return Mend.Do($"for each that is to have them, with its name for MACHINE: {(shipped is null ? EngineFiles.Write(file.Lines(""), place) : $"install -D -m 644 {shipped} {place}")}");
    }
}
