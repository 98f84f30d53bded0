namespace ProcFs.Doctor.Checks;

/// <summary>podman, and CRI-O in the same way: a hook of ours in a directory that it reads.</summary>
/// <param name="id">The engine's program, and the check's name.</param>
/// <param name="program">As it is installed.</param>
/// <param name="directories">Where it looks for hooks.</param>
internal abstract class HookedEngineCheck(string id, string program, Func<HostFiles, IReadOnlyList<string>> directories) : ICheck
{
    public string Id => id;

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        if (host.Files.Find(program) is not { } path)
        {
            yield return Finding.Ok($"{id} is not installed");
            yield break;
        }

        IReadOnlyList<string> places = directories(host.Files);
        OciHookFile[] ours = [.. OciHooks.All(host.Files).Where(file => file.Defect is null && file.IsOurs && places.Contains(Path.GetDirectoryName(file.Path)))];
        yield return ours.Length switch
        {
            0 => Finding.Note($"{path} is here, and has no hook of ours in {string.Join(" or ", places)}: its containers get no files", EngineFiles.Install(host, EngineFile.OciHook, $"{places[0]}/50-procfs.json")),
            1 => Finding.Ok($"{id} runs our hook ({ours[0].Path})"),
            _ => Finding.Note($"{id} runs our hook {ours.Length} times for each container ({string.Join(", ", ours.Select(file => file.Path))})", Mend.Run($"rm {ShellWord.Quote(ours[0].Path)}")),
        };
    }
}

/// <summary>podman.</summary>
internal sealed class PodmanCheck() : HookedEngineCheck("podman", "podman", OciHooks.PodmanDirectories);

/// <summary>CRI-O.</summary>
internal sealed class CrioCheck() : HookedEngineCheck("crio", "crio", OciHooks.CrioDirectories);
