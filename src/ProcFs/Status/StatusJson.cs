using System.Text.Json;
using ProcFs.Metrics;
using ProcFs.Serving;
using ProcFs.Text;

namespace ProcFs.Status;

/// <summary>A report for programs. What is not known is null.</summary>
internal static class StatusJson
{
    public static byte[] Format(StatusReport report) => JsonText.Format(json =>
    {
        json.WriteStartObject();
        json.WriteString("mount", report.Mount);
        json.WriteNumber("server", report.Daemon.Pid);
        WriteDaemon(report, json);
        json.WriteStartArray("containers");
        foreach (ContainerStatus container in report.Containers)
        {
            WriteContainer(container, json);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void WriteDaemon(StatusReport report, Utf8JsonWriter json)
    {
        DaemonState daemon = report.Daemon;
        json.WriteString("state", MountHealth.WordOf(report.State));
        WriteNumber("silenceSeconds", daemon.Silence?.TotalSeconds, json);
        if (report.Counts is not { } counts)
        {
            json.WriteString("defect", report.Defect);
            return;
        }

        json.WriteString("version", counts.Version);
        json.WriteNumber("startedMs", counts.Header.StartedMs);
        json.WriteNumber("reads", report.Reads);
        json.WriteNumber("restartsSurvived", report.RestartsSurvived);
        json.WriteNumber("fallbacks", report.Fallbacks);
        json.WriteNumber("absent", report.Absent);
        json.WriteNumber("stalls", report.Stalls);
    }

    private static void WriteContainer(ContainerStatus container, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", container.Entry.Id);
        json.WriteNumber("pid", container.Entry.Pid);
        json.WriteBoolean("detached", container.Entry.IsDetached);
        WriteNumber("number", container.Number > 0 ? container.Number : null, json);
        if (container.Mounts is { } mounts)
        {
            json.WriteStartObject("mounts");
            json.WriteNumber("own", mounts.Own);
            json.WriteNumber("common", mounts.Common);
            json.WriteNumber("dead", mounts.Dead);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("mounts");
        }

        WriteNumber("reads", container.Reads, json);
        WriteNumber("readsPerSecond", container.ReadsPerSecond, json);
        WriteNumber("secondsSinceRead", container.SinceRead?.TotalSeconds, json);
        foreach (ExplainedValue value in container.Values)
        {
            json.WriteStartObject(value.Name);
            json.WriteString("value", value.Value);
            json.WriteString("why", value.Why);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteNumber(string name, double? number, Utf8JsonWriter json)
    {
        if (number is { } known)
        {
            json.WriteNumber(name, Math.Round(known, 3));
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
