using System.Text.Json;

namespace ProcFs.Bench;

/// <summary>A run for programs: everything that was measured, in microseconds, and the ratios. From an emulated machine the ratios alone.</summary>
internal static class RunJson
{
    public static byte[] Write(RunResult result) => ResultsFile.Json(json =>
    {
        json.WriteStartObject();
        json.WriteString("start", result.Start);
        json.WriteMachine("machine", result.Machine);
        json.WriteStartArray("phases");
        foreach (Phase phase in result.Phases)
        {
            Write(json, phase);
        }

        json.WriteEndArray();
        json.WriteString("requestsCountedBy", result.RequestMethod);
        json.WriteStartArray("requests");
        foreach (RequestCount count in result.Requests)
        {
            json.WriteStartObject();
            json.WriteString("file", count.File);
            json.WriteString("source", count.Source);
            json.WriteStartObject("perCycle");
            foreach ((string opcode, double number) in count.PerCycle)
            {
                json.WriteRounded(opcode, number);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("memory");
        foreach (MemoryChange change in result.Memory)
        {
            json.WriteStartObject();
            json.WriteString("server", change.Server);
            Write(json, "before", change.Before);
            Write(json, "after", change.After);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, Phase phase)
    {
        json.WriteStartObject();
        json.WriteString("mode", phase.Setting.Mode);
        json.WriteString("file", phase.Setting.File);
        json.WriteNumber("threads", phase.Setting.Threads);
        json.WriteNumber("readers", phase.Setting.Readers);
        if (!Machine.IsEmulated)
        {
            WriteSources(json, phase);
        }

        json.WriteStartObject("ratios");
        json.WriteRounded("lxcfs/procfs", phase.TimeRatio(Source.Lxcfs, Source.ProcFs));
        json.WriteRounded("lxcfs/procfs p99", phase.P99Ratio(Source.Lxcfs, Source.ProcFs));
        json.WriteRounded("lxcfs/procfs cpu", phase.CpuRatio(Source.Lxcfs, Source.ProcFs));
        json.WriteRounded("procfs/floor", phase.TimeRatio(Source.ProcFs, Source.Floor));
        json.WriteRounded("procfs/kernel", phase.TimeRatio(Source.ProcFs, Source.Kernel));
        json.WriteRounded("lxcfs/kernel", phase.TimeRatio(Source.Lxcfs, Source.Kernel));
        json.WriteEndObject();
        json.WriteStartObject("noise");
        json.WriteRounded("spinUs", phase.Noise.SpinUs);
        json.WriteRounded("spinSpread", phase.Noise.SpinSpread);
        json.WriteRounded("stealPercent", phase.Noise.Unrest.StealPercent);
        json.WriteRounded("busyPercent", phase.Noise.Unrest.BusyPercent);
        json.WriteRounded("load", phase.Noise.Unrest.Load);
        json.WriteNumber("throttled", phase.Noise.Throttled);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteSources(Utf8JsonWriter json, Phase phase)
    {
        json.WriteStartObject("sources");
        foreach (Measurement m in phase.Measurements)
        {
            json.WriteStartObject(m.Source);
            json.WriteNumber("reads", m.Reads);
            json.WriteRounded("p10Us", m.LowUs);
            json.WriteRounded("medianUs", m.MedianUs);
            json.WriteRounded("p99Us", m.P99Us);
            json.WriteRounded("serverCpuUs", m.CpuUs);
            json.WriteRounded("contextSwitches", m.Switches);
            if (m.ReadsPerSecond is not null)
            {
                json.WriteRounded("serverCpuPercent", m.CpuPercent);
                json.WriteRounded("readsPerSecond", m.ReadsPerSecond);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, ServerMemory memory)
    {
        json.WriteStartObject(name);
        json.WriteNumber("rssKib", memory.RssKib);
        json.WriteNumber("pssKib", memory.PssKib);
        json.WriteNumber("anonymousKib", memory.AnonymousKib);
        json.WriteNumber("descriptors", memory.Descriptors);
        json.WriteEndObject();
    }
}
