using System.Globalization;
using ProcFs.Hook;
using ProcFs.Node;
using ProcFs.Text;

namespace ProcFs.Doctor;

/// <summary>The line that gives a containerd our handler: where it goes, and in which words, depends on its version and on who writes its configuration.</summary>
internal static class ContainerdMend
{
    private const string Base = "{{ template \"base\" . }}";
    private const string RestartMicroK8s = " && snap restart microk8s.daemon-containerd";

    /// <param name="host">Where to look.</param>
    /// <param name="place">One that has none.</param>
    public static Mend For(DoctorHost host, ContainerdPlace place)
    {
        string? text = host.Files.Read(place.Config);
        ContainerdText config = ContainerdText.Parse(text ?? "");
        return place.Keeper switch
        {
            ContainerdKeeper.Rancher => ForRancher(host, place, text ?? "", config),
            // Its own program adds these files up, and takes them over without a restart.
            ContainerdKeeper.K0s => WriteDropIn(host, $"{place.Directory}/containerd.d/{ContainerdText.DropInName}", text ?? "", config, ""),
            ContainerdKeeper.MicroK8s => Add(host, place.Config, text ?? "", config.Version, RestartMicroK8s),
            _ => ForItself(host, place, text, config),
        };
    }

    /// <summary>The line that gives a handler of ours its program back.</summary>
    /// <param name="host">Where to look.</param>
    /// <param name="place">Whose handler it is.</param>
    /// <param name="file">Which has it.</param>
    /// <param name="runtime">What the file names: no program, or one that is no runtime by its name.</param>
    public static Mend ForRuntime(DoctorHost host, ContainerdPlace place, string file, string runtime)
    {
        string text = host.Files.Read(file) ?? "";
        if (runtime.EndsWith(NodePlaces.RuntimeBelow, StringComparison.Ordinal) && (ContainerdText.Parse(text).HasBlock || ContainerdText.IsOurDropIn(text)))
        {
            return EngineFiles.OfNode;
        }

        // Not into a directory that has gone: it may have been one of links, as a node's "current", and who makes those again must find no other in its place.
        return Path.GetFileName(runtime) == HookProgram.RuntimeName && Path.GetDirectoryName(runtime) is { Length: > 0 } directory && host.Files.IsDirectory(directory)
            ? Mend.Run($"ln -sf {ShellWord.Quote(OwnCommands.ProgramPath)} {ShellWord.Quote(runtime)}")
            : EngineFiles.Exchange(host, file, runtime, Runtime, place.Keeper switch
            {
                ContainerdKeeper.K0s => "",
                ContainerdKeeper.MicroK8s => RestartMicroK8s,
                _ => Restart(host, place),
            });
    }

    /// <summary>Whether it serves no pods: docker's own package brings it so.</summary>
    public static bool IsWithoutPods(DoctorHost host) => TomlText.StringsOf(host.Files.Read(ContainerdPlace.Own.Config) ?? "", "disabled_plugins").Any(plugin => plugin is "cri" or "io.containerd.grpc.v1.cri");

    private static Mend ForItself(DoctorHost host, ContainerdPlace place, string? text, ContainerdText config)
    {
        string restart = Restart(host, place);
        // The version of the program counts only where no file says one: both take version 2.
        bool merges = config.Version > 2 || ContainerdProgram.MajorVersion(host.Ask(["containerd", "--version"])) >= ContainerdProgram.FirstThatMerges;
        return text is null ? New(host, merges ? EngineFile.Containerd3 : EngineFile.Containerd2, place.Config, restart)
            : config.IsOld ? Mend.Do($"bring {place.Config} to version 2 (containerd config migrate), then ask again")
            // containerd 1.x puts an imported file in the place of all that the importing one says of CRI.
            : merges && config.ImportedDirectory(place.Config) is { } directory ? WriteDropIn(host, $"{directory}/{ContainerdText.DropInName}", text, config, restart)
            : Add(host, place.Config, text, config.Version, restart, needsRunc: !merges);
    }

    /// <summary>Not into the file that containerd reads: that is written anew at each start.</summary>
    private static Mend ForRancher(DoctorHost host, ContainerdPlace place, string text, ContainerdText config)
    {
        string restart = Restart(host, place);
        if (config.Version > 2 && config.ImportedDirectory(place.Config) is { } directory)
        {
            return WriteDropIn(host, $"{directory}/{ContainerdText.DropInName}", text, config, restart);
        }

        int version = config.Version > 2 || (text.Length == 0 && host.Files.Exists(place.Template(3))) ? 3 : 2;
        string template = place.Template(version);
        return host.Files.Exists(template)
            ? Add(host, template, host.Files.Read(template) ?? "", version, restart)
            : Mend.Run($"{Link(host)}{EngineFiles.Write([Base, .. Ours(text, version)], template)}{restart}");
    }

    /// <summary>The package's file names the package's runtime.</summary>
    private static Mend New(DoctorHost host, EngineFile file, string place, string then)
    {
        Mend mend = EngineFiles.Install(host, file, place, then);
        return EngineFiles.Shipped(host, file) is null ? Mend.Run(Link(host) + mend.Line) : mend;
    }

    private static Mend WriteDropIn(DoctorHost host, string file, string text, ContainerdText config, string then)
    {
        int version = Math.Clamp(config.Version, 2, 3); // not above that of the file that imports it: containerd refuses it
        return Mend.Run($"{Link(host)}{EngineFiles.Write([$"version = {version.ToString(CultureInfo.InvariantCulture)}", .. Ours(text, version)], file)}{then}");
    }

    /// <summary>A table may stand at the end of a file, whatever is above.</summary>
    private static Mend Add(DoctorHost host, string file, string text, int version, string then, bool needsRunc = false)
        => Mend.Run($"{Link(host)}{EngineFiles.Append([.. needsRunc && !HasRunc(text) ? new ContainerdTables(version).Runc : [], .. Ours(text, version)], file)}{then}");

    private static IReadOnlyList<string> Ours(string text, int version)
        => new ContainerdTables(version).Ours(Runtime, text.Split('\n').Any(line => line.Replace(" ", "", StringComparison.Ordinal).Trim() == "SystemdCgroup=true"));

    private static bool HasRunc(string text) => text.Split('\n').Any(line => line.TrimStart().StartsWith('[') && line.Replace("\"", "", StringComparison.Ordinal).Replace("'", "", StringComparison.Ordinal).Contains(".runtimes.runc]", StringComparison.Ordinal));

    private static string Runtime => ContainerdTables.RuntimeBeside(OwnCommands.ProgramPath);

    /// <summary>The name under which the program is a runtime, where it has none yet.</summary>
    private static string Link(DoctorHost host) => OwnCall.Link(host, Runtime);

    private static string Restart(DoctorHost host, ContainerdPlace place) => !host.Systemd.IsManager ? ""
        : $" && systemctl restart {place.Units.FirstOrDefault(unit => host.Systemd.Unit($"{unit}.service") is not null) ?? place.Units[0]}";
}
