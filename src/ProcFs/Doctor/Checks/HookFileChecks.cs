using ProcFs.Node;

namespace ProcFs.Doctor.Checks;

/// <summary>Files in hooks.d that are not JSON: podman and CRI-O start nothing while one is there, whosever it is.</summary>
internal sealed class HookJsonCheck : ICheck
{
    public string Id => "hooks.json";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        OciHookFile[] broken = [.. OciHooks.All(host.Files).Where(file => file.Defect is not null || file.LeadsNowhere)];
        foreach (OciHookFile file in broken)
        {
            string? shipped = file.IsNamedAsOurs ? EngineFiles.Shipped(host, EngineFile.OciHook) : null;
            Mend mend = Mend.Run(shipped is not null ? $"install -m 644 {shipped} {ShellWord.Quote(file.Path)}"
                : file.LeadsNowhere ? $"rm {ShellWord.Quote(file.Path)}"
                : $"mv {ShellWord.Quote(file.Path)} {ShellWord.Quote(file.Path + ".broken")}");
            yield return file.LeadsNowhere
                ? Finding.Warning($"{file.Path} is a link that leads nowhere: podman and CRI-O pass it over without a word", mend)
                : Finding.Bad($"{file.Defect}: podman and CRI-O start no container at all while it is there", mend);
        }

        if (broken.Length == 0)
        {
            yield return Finding.Ok("every file in hooks.d can be used");
        }
    }
}

/// <summary>Hooks of ours whose program is not there (any more): podman passes them over. One that is there and cannot be run, or is no hook as it is called, is run all the same, and no container starts.</summary>
internal sealed class HookProgramCheck : ICheck
{
    public string Id => "hooks.program";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        bool isFine = true;
        foreach (OciHookFile file in OciHooks.All(host.Files).Where(file => file.Defect is null && file.IsOurs))
        {
            Mend path = Repair(host, file);
            if (!host.Files.Exists(file.Program))
            {
                isFine = false;
                yield return Finding.Bad($"{file.Path} runs {file.Program}, which is not there: podman and CRI-O pass it over without a word, and containers start without their files", path);
                continue;
            }

            if (!host.Files.IsProgram(file.Program))
            {
                isFine = false;
                yield return Finding.Bad($"{file.Path} runs {file.Program}, which is no program: podman and CRI-O start no container", path);
            }
            else if (!file.IsCalledRight)
            {
                isFine = false;
                string why = file.Arguments is [_, "hook", ..] ? "is a hook by its name, and is told so again: no container gets its files" : "is no hook as it is called (\"args\" decides): podman and CRI-O start no container";
                yield return Finding.Bad($"{file.Path} runs {file.Program}, which {why}", path);
            }
            else if (!file.Stages.Contains("createRuntime") && !file.Stages.Contains("prestart") && !file.Stages.Contains("createContainer"))
            {
                isFine = false;
                yield return Finding.Warning($"{file.Path} is run at none of the stages at which files can be attached ({string.Join(", ", file.Stages)})", Mend.Do("set \"stages\": [\"createRuntime\", \"poststop\"] in it"));
            }
        }

        if (isFine)
        {
            yield return Finding.Ok("every hook of ours has its program");
        }
    }

    /// <summary>Without arguments it is a hook by its name; with some, they have to say so.</summary>
    private static Mend Repair(DoctorHost host, OciHookFile file)
        => file.Program.EndsWith(NodePlaces.ProgramBelow, StringComparison.Ordinal)
            ? EngineFiles.OfNode
            : file.Arguments.Count == 0 ? EngineFiles.Exchange(host, file.Path, file.Program, OwnCall.HookAlone)
            : file.IsCalledRight ? EngineFiles.Exchange(host, file.Path, file.Program, OwnCommands.ProgramPath)
            : Mend.Do($"set \"path\": \"{OwnCommands.ProgramPath}\" and \"args\": [\"procfs\", \"hook\"] in it");
}
