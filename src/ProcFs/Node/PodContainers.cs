using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using ProcFs.Hook;
using ProcFs.Hook.Registration;

namespace ProcFs.Node;

/// <summary>
/// Containers of pods that run without our files: they came before the engine had our hook, or their engine has none. Each is shown to the hook, as if it had
/// just started, so all that says who gets files (annotations, PROCFS_DISABLE, the configuration) counts as always.
/// </summary>
/// <param name="hook">The command line of the hook.</param>
/// <param name="runDirectory">The daemon's.</param>
/// <param name="procRoot">The node's procfs.</param>
/// <param name="states">Where engines keep bundles: <see cref="DefaultStates"/>.</param>
/// <param name="logger">Told of each.</param>
internal sealed partial class PodContainers(IReadOnlyList<string> hook, string runDirectory, string procRoot, IReadOnlyList<string> states, ILogger logger)
{
    public const string CrioState = "/run/containers/storage/overlay-containers";

    /// <summary>containerd's, of whatever makes it: alone, k3s and RKE2, k0s, MicroK8s.</summary>
    private static readonly string[] ContainerdStates =
    [
        "/run/containerd", "/run/k3s/containerd", "/run/k0s/containerd", "/var/snap/microk8s/common/run/containerd",
    ];

    /// <summary>The hook's own limit is 2 s.</summary>
    private static readonly TimeSpan HookEndsWithin = TimeSpan.FromSeconds(10);

    /// <summary>containerd's, and CRI-O's.</summary>
    private static readonly string[] TypeAnnotations = ["io.kubernetes.cri.container-type", CrioType];

    private const string CrioType = "io.kubernetes.cri-o.ContainerType";

    /// <summary>The machine may be busy, or the bundle not be whole yet: then the next look does better.</summary>
    private const int MostTries = 3;

    /// <summary>How often each was tried in vain; <see cref="MostTries"/>: no more.</summary>
    private readonly Dictionary<Running, int> _tries = [];

    /// <summary>Where containerd keeps the bundles of what runs, by namespace.</summary>
    /// <param name="configured">"state" of its configuration; null: it is not said.</param>
    public static IEnumerable<string> StateDirectories(string? configured)
        => ContainerdStates.Concat(configured is null ? [] : [configured.TrimEnd('/')]).Distinct().Select(state => state + "/io.containerd.runtime.v2.task");

    /// <summary>Where engines keep the bundles of pods' containers.</summary>
    /// <param name="configured">"state" of containerd's configuration; null: it is not said.</param>
    public static IReadOnlyList<string> DefaultStates(string? configured) => [.. StateDirectories(configured).Select(state => state + "/k8s.io"), CrioState];

    /// <summary>Shows those to the hook that were not shown before, or in vain. Sandboxes ("pause") are passed over, and what is of no pod where CRI-O's are.</summary>
    /// <returns>How many were shown.</returns>
    public int Attach()
    {
        int count = 0;
        HashSet<Running> running = [];
        foreach (string directory in states.SelectMany(NodeFile.DirectoriesIn))
        {
            // CRI-O has the bundle one directory further down, as podman has, with which it shares the place.
            bool isStorage = Directory.Exists(directory + "/userdata");
            string bundle = isStorage ? directory + "/userdata" : directory;
            string id = Path.GetFileName(directory);
            int pid = ProcessOf(bundle);
            if (pid <= 1 || !StartTime.TryRead(procRoot, pid, out _))
            {
                continue;
            }

            Running one = new(id, pid);
            running.Add(one);
            int tries = _tries.GetValueOrDefault(one);
            if (tries >= MostTries || IsRegistered(id)) // whose files the daemon brings, once it serves
            {
                continue;
            }

            bool isMeant = isStorage ? TypeOf(bundle, CrioType) == "container" : !TypeAnnotations.Any(name => TypeOf(bundle, name) == "sandbox");
            count += isMeant ? 1 : 0;
            _tries[one] = !isMeant || Show(id, pid, bundle, tries + 1) ? MostTries : tries + 1;
        }

        foreach (Running gone in _tries.Keys.Where(one => !running.Contains(one)).ToArray())
        {
            _tries.Remove(gone);
        }

        return count;
    }

    /// <summary>Whether the hook did what it had to: giving no files to one that wants none is that, too.</summary>
    private bool Show(string id, int pid, string bundle, int attempt)
    {
        string reason;
        try
        {
            ToolResult result = NodeTool.Run([.. hook, "--stage", "poststart", "--strict"], HookEndsWithin, State(id, pid, bundle));
            if (result.ExitCode == 0)
            {
                LogShown(id, pid);
                return true;
            }

            reason = result.ExitCode is null ? "the hook did not end in time" : result.Output.ReplaceLineEndings(" ");
        }
        catch (Failure failure)
        {
            reason = failure.Message;
        }

        LogFailed(id, pid, attempt, MostTries, reason);
        return false;
    }

    private bool IsRegistered(string id) => RegistryFile.TryRead(RunDirectory.RegistryFile(runDirectory, id), out RegistryEntry? entry, out _)
        && StartTime.IsStill(procRoot, entry!.Pid, entry.StartTime);

    private static int ProcessOf(string bundle)
    {
        foreach (string file in new[] { bundle + "/init.pid", bundle + "/pidfile" })
        {
            if (NodeFile.Read(file) is { } text && int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int pid))
            {
                return pid;
            }
        }

        return 0;
    }

    /// <summary>What an engine notes of a container in its bundle; null: nothing, or it cannot be read, of which the hook says more.</summary>
    private static string? TypeOf(string bundle, string annotation)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(NodeFile.Read(bundle + "/config.json") ?? "{}");
            return document.RootElement.TryGetProperty("annotations", out JsonElement annotations) && annotations.TryGetProperty(annotation, out JsonElement type) ? type.GetString() : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or Failure)
        {
            return null;
        }
    }

    /// <summary>As a runtime tells it to a hook (OCI runtime specification, "State").</summary>
    private static string State(string id, int pid, string bundle)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            json.WriteString("ociVersion", "1.0.2");
            json.WriteString("id", id);
            json.WriteString("status", "running");
            json.WriteNumber("pid", pid);
            json.WriteString("bundle", bundle);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    [LoggerMessage(1728, LogLevel.Information, "container {Id} (process {Pid}) runs without files of ours, and was shown to the hook")]
    private partial void LogShown(string id, int pid);

    [LoggerMessage(1729, LogLevel.Warning, "container {Id} (process {Pid}) runs without files of ours, and got none at try {Attempt} of {Most}: {Reason}")]
    private partial void LogFailed(string id, int pid, int attempt, int most, string reason);

    /// <summary>A container that runs: another process is another run of it.</summary>
    private sealed record Running(string Id, int Pid);
}
