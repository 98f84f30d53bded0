using System.Text.Json;
using ProcFs.Hook;

namespace ProcFs.Doctor.Checks;

/// <summary>docker: a runtime of ours in daemon.json, whose program is there, is called as a runtime, and is switched on.</summary>
internal sealed class DockerCheck : ICheck
{
    /// <summary>What dockerd reads.</summary>
    public const string Configuration = "/etc/docker/daemon.json";

    private static readonly string[] BuiltIn = ["runc", "io.containerd.runc.v2", "io.containerd.runtime.v1.linux"];

    public string Id => "docker";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        if (host.Files.Find("dockerd") is not { } program)
        {
            return [Finding.Ok("docker is not installed")];
        }

        string? text = host.Files.Read(Configuration, out string? defect);
        if (text is null)
        {
            return [defect is null ? NotSetUp(host, program) : Finding.Warning(defect)];
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object ? [.. Look(host, program, document.RootElement)] : [Broken("is no JSON object")];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return [Broken(exception is JsonException { LineNumber: { } line } ? $"is not JSON, at line {line + 1}" : "has a text that is not valid Unicode")];
        }
    }

    private static IEnumerable<Finding> Look(DoctorHost host, string program, JsonElement root)
    {
        List<DockerRuntime> runtimes = [.. Runtimes(root)];
        string chosen = root.TryGetProperty("default-runtime", out JsonElement name) && name.ValueKind == JsonValueKind.String ? name.GetString()! : "runc";
        if (!BuiltIn.Contains(chosen) && !runtimes.Exists(runtime => runtime.Name == chosen))
        {
            yield return Finding.Bad(
                $"{Configuration} has the default runtime \"{chosen}\", and no such runtime: docker starts no container",
                Mend.Do($"add \"runtimes\": {{ \"{chosen}\": {{ \"path\": \"{OwnCommands.ProgramPath}\", \"runtimeArgs\": [\"runtime\", \"--enable-lxcfs\"] }} }} to it, then systemctl reload docker"));
        }

        DockerRuntime[] ours = [.. runtimes.Where(runtime => runtime.IsOurs)];
        bool isFine = true;
        foreach (DockerRuntime runtime in ours)
        {
            if (!host.Files.CanRun(runtime.Path))
            {
                isFine = false;
                yield return Finding.Bad($"{Configuration} has the runtime \"{runtime.Name}\" with {runtime.Path}, which is no program: its containers do not start", Repair(host, runtime, ours));
            }
            else if (!OwnCall.IsRuntime(runtime.Path, runtime.Arguments))
            {
                isFine = false;
                string why = OwnCall.SaysRuntime(runtime.Arguments) ? "is a runtime by its name, and is told so again by \"runtime\" in front of \"runtimeArgs\"" : "is no runtime without \"runtime\" in front of \"runtimeArgs\"";
                yield return Finding.Bad($"{Configuration} has the runtime \"{runtime.Name}\" with {runtime.Path}, which {why}: its containers do not start", Repair(host, runtime, ours));
            }
            else if (!runtime.IsOn)
            {
                isFine = false;
                yield return Finding.Warning($"the runtime \"{runtime.Name}\" in {Configuration} is not switched on: its containers get no files", Mend.Do($"set \"runtimeArgs\": [\"runtime\", \"--enable-lxcfs\"] there{EngineFiles.InWords(Reload(host))}"));
            }
        }

        if (ours.Length == 0)
        {
            yield return NotSetUp(host, program);
        }
        else if (isFine)
        {
            yield return Array.Exists(ours, runtime => runtime.Name == chosen)
                ? Finding.Ok($"docker starts every container by \"{chosen}\"")
                : Finding.Ok($"docker starts containers by \"{ours[0].Name}\" that ask for it (--runtime={ours[0].Name})");
        }
    }

    private static IEnumerable<DockerRuntime> Runtimes(JsonElement root)
    {
        if (!root.TryGetProperty("runtimes", out JsonElement runtimes) || runtimes.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        foreach (JsonProperty runtime in runtimes.EnumerateObject())
        {
            if (runtime.Value.ValueKind == JsonValueKind.Object && runtime.Value.TryGetProperty("path", out JsonElement path) && path.ValueKind == JsonValueKind.String)
            {
                string[] arguments = runtime.Value.TryGetProperty("runtimeArgs", out JsonElement list) && list.ValueKind == JsonValueKind.Array
                    ? [.. list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)]
                    : [];
                yield return new DockerRuntime(runtime.Name, path.GetString()!, arguments);
            }
        }
    }

    /// <summary>A path under which the program is a runtime with the arguments that are there; in words where another runtime has the same path, which is right for its arguments.</summary>
    private static Mend Repair(DoctorHost host, DockerRuntime runtime, DockerRuntime[] ours)
        => Array.Exists(ours, other => other.Path == runtime.Path && OwnCall.SaysRuntime(other.Arguments) != OwnCall.SaysRuntime(runtime.Arguments))
            ? Mend.Do($"set \"path\": \"{OwnCommands.ProgramPath}\" and \"runtimeArgs\": [\"runtime\", \"--enable-lxcfs\"] in the runtime \"{runtime.Name}\"{EngineFiles.InWords(Reload(host))}")
            : EngineFiles.Exchange(host, Configuration, runtime.Path, OwnCall.Runtime(runtime.Arguments), Reload(host));

    private static Finding NotSetUp(DoctorHost host, string program)
        => Finding.Note($"{program} is here, and has no runtime of ours in {Configuration}: its containers get no files", EngineFiles.Install(host, EngineFile.Docker, Configuration, Reload(host)));

    private static Finding Broken(string how)
        => Finding.Bad($"{Configuration} {how}: docker does not start with it", Mend.Run($"mv {Configuration} {Configuration}.broken"));

    private static string Reload(DoctorHost host) => host.Systemd.IsManager ? " && systemctl reload docker" : "";

    private sealed record DockerRuntime(string Name, string Path, string[] Arguments)
    {
        public bool IsOurs => System.IO.Path.GetFileName(Path) is OwnCall.PlainName or HookProgram.RuntimeName || OwnCall.SaysRuntime(Arguments);

        /// <summary>By its name it is on; else it has to be said.</summary>
        public bool IsOn => System.IO.Path.GetFileName(Path) == HookProgram.RuntimeName || Array.Exists(Arguments, argument => argument.StartsWith("--enable-lxcfs", StringComparison.Ordinal));
    }
}
