using ProcFs.Hook.Control;
using ProcFs.Serving;

namespace ProcFs.Doctor.Checks;

/// <summary>Files of the registry that are no entries.</summary>
internal sealed class RegistryCheck : ICheck
{
    private const int MostTold = 5;

    public string Id => "registry";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        IReadOnlyList<(string Path, string Defect)> broken = host.Containers.Broken;
        foreach ((string path, string defect) in broken.Take(MostTold))
        {
            yield return Finding.Bad($"{defect}; its container, if it runs, is not served as its own", Mend.Run($"rm -r {ShellWord.Quote(path)}"));
        }

        if (broken.Count > MostTold)
        {
            yield return Finding.Bad($"{broken.Count - MostTold} more files of the registry are no registrations");
        }

        if (broken.Count == 0)
        {
            yield return Finding.Ok($"{Words.Count(host.Containers.Registered.Count, "container")} registered");
        }
    }
}

/// <summary>Registered containers without files that they should have.</summary>
internal sealed class MissingFilesCheck : ICheck
{
    private const int MostTold = 5;

    public string Id => "containers.files";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        RegisteredView[] containers = [.. host.Containers.Registered.Where(container => !container.Entry.IsDetached)];
        if (host.Daemon.Answer is not { } answer || !host.Daemon.IsAnswerOurs)
        {
            yield return containers.Length == 0 ? Finding.Ok("no container is registered") : Finding.Note("whether containers have all their files is not known: no daemon says which are served");
            yield break;
        }

        (RegisteredView Container, string[] Files)[] lacking = [.. containers.Select(container => (container, Missing(container, answer))).Where(found => found.Item2.Length > 0)];
        (RegisteredView Container, string[] Files)[] late = [.. lacking.Where(found => !found.Container.IsBeingAttached)];
        foreach ((RegisteredView container, string[] files) in late.Take(MostTold))
        {
            yield return Finding.Bad(
                $"container {container.Name} (process {container.Entry.Pid}) lacks {Words.Some([.. files.Select(file => "/" + file)])}",
                Mend.Run(host.Own.Verb("attach " + ShellWord.Quote(container.Entry.Id))));
        }

        if (late.Length > MostTold)
        {
            yield return Finding.Bad($"{late.Length - MostTold} more containers lack files", Mend.Run(host.Own.Verb("attach --all")));
        }

        if (late.Length == 0)
        {
            yield return lacking.Length > 0 ? Finding.Note($"{Words.Count(lacking.Length, "container")} being attached")
                : host.Containers.NotSeen > 0 ? Finding.Note($"{Words.Count(host.Containers.NotSeen, "container")} could not be looked at: so many mounts, or so busy a host, that it would take too long")
                : Finding.Ok(containers.Length == 0 ? "no container is registered" : "every registered container has its files");
        }
    }

    /// <summary>What it should have and the kernel's own shows; somebody else's mounts are left alone, and so are they here.</summary>
    private static string[] Missing(RegisteredView container, ControlAnswer answer)
    {
        IEnumerable<string> wanted = container.Entry.Files is { } chosen ? answer.Files.Concat(answer.Parts).Intersect(chosen) : answer.Files;
        return container.View is { ProcDevice: not null } view ? [.. wanted.Where(view.Lacks)] : [];
    }
}

/// <summary>Dead files, in whatever container.</summary>
internal sealed class DeadFilesCheck : ICheck
{
    private const int MostTold = 5;

    public string Id => "containers.dead";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        DaemonFacts daemon = host.Daemon;
        ContainerFacts containers = host.Containers;
        List<(string Name, int Files)> dead =
        [
            .. containers.Registered.Where(container => container.View is { DeadFiles.Count: > 0 }).Select(container => ($"container {container.Name} (process {container.Entry.Pid})", container.View!.DeadFiles.Count)),
            .. containers.Others.Where(other => other.View.DeadFiles.Count > 0).Select(other => ($"process {other.Pid}, of no registered container,", other.View.DeadFiles.Count)),
        ];
        Mend mend = Mend.Run(daemon.IsRunning ? host.Own.Verb("attach --all") : host.Own.Start(daemon.KeeperPid > 0));
        foreach ((string name, int files) in dead.Take(MostTold))
        {
            yield return Finding.Bad($"{name} has {Words.Count(files, "dead file")} of ours: reading {(files == 1 ? "it" : "them")} fails (ENOTCONN)", mend);
        }

        if (dead.Count > MostTold)
        {
            yield return Finding.Bad($"{dead.Count - MostTold} more containers have dead files", mend);
        }

        if (dead.Count == 0)
        {
            yield return Finding.Ok("no container has dead files");
        }
    }
}

/// <summary>Containers that somebody detached by hand.</summary>
internal sealed class DetachedCheck : ICheck
{
    public string Id => "containers.detached";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        string[] detached = [.. host.Containers.Registered.Where(container => container.Entry.IsDetached).Select(container => container.Entry.Id)];
        yield return detached.Length == 0
            ? Finding.Ok("nobody has detached a container")
            : Finding.Note(
                $"{Words.Some(detached)} {(detached.Length == 1 ? "was" : "were")} detached by hand, and {(detached.Length == 1 ? "keeps" : "keep")} the kernel's own files",
                Mend.Run(host.Own.Verb("attach " + ShellWord.Join(detached))));
    }
}

/// <summary>Files that are switched off.</summary>
internal sealed class OffCheck : ICheck
{
    public string Id => "containers.off";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        string path = OffState.PathOf(host.Places.RunDirectory, host.Places.Mount);
        IReadOnlyList<string> forAll = [.. OffState.Read(path, out string? defect).Names];
        string[] some = [.. host.Containers.Registered.Where(container => container.Entry.Off is { Count: > 0 }).Select(container => container.Entry.Id)];
        if (defect is not null)
        {
            yield return Finding.Warning(defect, Mend.Run($"rm {ShellWord.Quote(path)}"));
        }

        if (forAll.Count > 0)
        {
            yield return Finding.Note($"{(forAll.Contains("*") ? "all files are" : $"{Words.Some(forAll)} {(forAll.Count == 1 ? "is" : "are")}")} switched off for all containers: they show the host's values", Mend.Run(host.Own.Verb("on --all")));
        }

        if (some.Length > 0)
        {
            yield return Finding.Note($"files of {Words.Some(some)} are switched off: they show the host's values", Mend.Run(host.Own.Verb("on " + ShellWord.Join(some))));
        }

        if (defect is null && forAll.Count == 0 && some.Length == 0)
        {
            yield return Finding.Ok("nothing is switched off");
        }
    }
}

/// <summary>Containers that nobody told the daemon of.</summary>
internal sealed class UnregisteredCheck : ICheck
{
    public string Id => "containers.unregistered";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        string? proc = host.Mounts.On("/proc")?.Device;
        string[] bare = [.. host.Containers.Others.Where(other => other.View.OwnFiles.Count == 0 && other.IsOfContainer(proc)).Select(other => $"{other.Pid}")];
        if (host.Containers.OthersNotSeen > 0)
        {
            yield return Finding.Note($"{Words.Count(host.Containers.OthersNotSeen, "mount namespace")} of no registered container could not be looked at: so many mounts, or so busy a host, that it would take too long");
        }

        yield return bare.Length == 0
            ? Finding.Ok("every container that runs has files, as far as can be seen")
            : Finding.Note(
                $"{Words.Count(bare.Length, "mount namespace")} with a /proc of {(bare.Length == 1 ? "its" : "their")} own {(bare.Length == 1 ? "has" : "have")} no files of ours ({(bare.Length == 1 ? "process" : "processes")} {Words.Some(bare)}): started without the hook, before it, or not to have any",
                MendOf(host, bare));
    }

    /// <summary>Which of several want none (io.procfs.enable=0, PROCFS_DISABLE, no RuntimeClass) is not to be seen from outside: a line for all would overrule them.</summary>
    private static Mend MendOf(DoctorHost host, string[] bare)
        => bare.Length == 1 ? Mend.Run(host.Own.Verb("attach " + bare[0]))
            : Mend.Do($"{host.Own.Verb("attach PID")} for each of {string.Join(", ", bare)} that should have files");
}
