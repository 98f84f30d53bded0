namespace ProcFs.Doctor.Checks;

/// <summary>LXC: hooks of ours in the configuration that all containers include.</summary>
internal sealed class LxcCheck : ICheck
{
    /// <summary>What common.conf includes.</summary>
    public const string Directory = "/usr/share/lxc/config/common.conf.d";

    public string Id => "lxc";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        if (host.Files.Find("lxc-start") is not { } program)
        {
            yield return Finding.Ok("LXC is not installed");
            yield break;
        }

        (string File, string Program)[] hooks = [.. host.Files.List(Directory, ".conf").SelectMany(file => Programs(host.Files.Read(file) ?? "").Select(hook => (file, hook)))];
        (string File, string Program)[] stale = [.. hooks.Where(hook => !host.Files.IsProgram(hook.Program)).Distinct()];
        foreach ((string file, string path) in stale)
        {
            yield return Finding.Bad($"{file} runs {path}, which is no program: LXC starts no container", EngineFiles.Exchange(host, file, path, OwnCommands.ProgramPath));
        }

        if (hooks.Length == 0)
        {
            yield return Finding.Note($"{program} is here, and runs no hook of ours: its containers get no files", EngineFiles.Install(host, EngineFile.Lxc, $"{Directory}/20-procfs.conf"));
        }
        else if (stale.Length == 0)
        {
            yield return Finding.Ok($"LXC runs our hook ({hooks[0].File})");
        }
    }

    /// <summary>"lxc.hook.start-host = /usr/bin/procfs hook lxc"</summary>
    private static IEnumerable<string> Programs(string text) => text.Split('\n').Select(line => line.Split('=', 2, StringSplitOptions.TrimEntries))
        .Where(pair => pair.Length == 2 && pair[0].StartsWith("lxc.hook.", StringComparison.Ordinal) && pair[1].Contains(" hook lxc", StringComparison.Ordinal))
        .Select(pair => pair[1].Split(' ')[0]);
}
