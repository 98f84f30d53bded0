namespace ProcFs.Doctor.Checks;

/// <summary>containerd, and those that k3s, RKE2, k0s and MicroK8s bring: a runtime whose program is ours, and there.</summary>
internal sealed class ContainerdCheck : ICheck
{
    public string Id => "containerd";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        string? program = host.Files.Find("containerd");
        ContainerdPlace[] brought = [.. ContainerdPlace.Distributions.Where(place => place.IsOn(host))];
        if (program is null && brought.Length == 0)
        {
            yield return Finding.Ok("containerd is not installed");
            yield break;
        }

        (string File, string Runtime)[] ours = [.. ContainerdPlace.All.SelectMany(place => place.Patterns).SelectMany(pattern => EngineFiles.Matching(host.Files, pattern))
            .SelectMany(file => TomlText.StringsOf(host.Files.Read(file) ?? "", "BinaryName").Where(IsOurs).Select(runtime => (file, runtime)))];
        (string File, string Runtime)[] stale = [.. ours.Where(found => !host.Files.IsProgram(found.Runtime))];
        foreach ((string file, string runtime) in stale)
        {
            yield return Finding.Bad(
                $"{file} has a runtime with {runtime}, which is no program: its containers do not start",
                Mend.Run($"ln -sf {ShellWord.Quote(OwnCommands.ProgramPath)} {ShellWord.Quote(runtime)}"));
        }

        if (ours.Length > 0)
        {
            if (stale.Length == 0)
            {
                yield return Finding.Ok($"containerd has a runtime of ours ({ours[0].File})");
            }
        }
        else if (brought.Length == 0 && ContainerdMend.IsWithoutPods(host))
        {
            yield return Finding.Ok($"containerd serves no pods ({ContainerdPlace.Own.Config} disables CRI); docker, nerdctl and ctr name their runtimes themselves");
        }
        else
        {
            foreach (ContainerdPlace place in brought.Length > 0 ? brought : [ContainerdPlace.Own])
            {
                yield return Finding.Note(
                    $"{(place == ContainerdPlace.Own ? program : $"{place.Name}'s containerd")} is here, and has no runtime of ours: pods get no files (docker, nerdctl and ctr name theirs themselves)", ContainerdMend.For(host, place));
            }
        }
    }

    private static bool IsOurs(string program) => Path.GetFileName(program).StartsWith("procfs", StringComparison.Ordinal);
}
