using ProcFs.Hook;
using ProcFs.Text;

namespace ProcFs.Doctor.Checks;

/// <summary>containerd, and those that k3s, RKE2, k0s and MicroK8s bring: a runtime whose program is ours, there, and a runtime by its name.</summary>
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

        Handler[] ours = [.. ContainerdPlace.All.SelectMany(place => HandlersOf(host, place))];
        bool isFine = true;
        foreach (Handler handler in ours)
        {
            string? defect = !host.Files.CanRun(handler.Runtime) ? "is no program"
                : Path.GetFileName(handler.Runtime) == OwnCall.PlainName ? $"is a runtime only under the name {HookProgram.RuntimeName}"
                : null;
            if (defect is not null)
            {
                isFine = false;
                yield return Finding.Bad($"{handler.File} has a runtime with {handler.Runtime}, which {defect}: its containers do not start", ContainerdMend.ForRuntime(host, handler.Place, handler.File, handler.Runtime));
            }
        }

        if (ours.Length > 0)
        {
            if (isFine)
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

    /// <summary>Those of ours, each once a file. What its keeper makes a file from counts in the place of that.</summary>
    private static IEnumerable<Handler> HandlersOf(DoctorHost host, ContainerdPlace place)
    {
        Handler[] all =
        [
            .. place.Patterns.SelectMany(pattern => EngineFiles.Matching(host.Files, pattern))
                .SelectMany(file => TomlText.StringsOf(host.Files.Read(file) ?? "", "BinaryName").Where(IsOurs).Select(runtime => new Handler(place, file, runtime))).Distinct(),
        ];
        return all.Where(handler => place.Keeper != ContainerdKeeper.Rancher || handler.File != place.Config || !Array.Exists(all, other => other != handler && other.Runtime == handler.Runtime));
    }

    private static bool IsOurs(string program) => Path.GetFileName(program).StartsWith(OwnCall.PlainName, StringComparison.Ordinal);

    private sealed record Handler(ContainerdPlace Place, string File, string Runtime);
}
