using System.Globalization;
using System.Text;

namespace ProcFs.Bench;

/// <summary>A run for people: tables in Markdown. From an emulated machine only what is relative.</summary>
internal static class RunReport
{
    private const string P = Source.ProcFs, C = Source.Common, L = Source.Lxcfs, F = Source.Floor, K = Source.Kernel;

    public static string Write(RunResult result)
    {
        StringBuilder text = new();
        Machine machine = result.Machine;
        text.Append(CultureInfo.InvariantCulture, $"# Side by side, {result.Start:yyyy-MM-dd HH:mm} UTC\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Kernel {machine.Kernel}, {machine.Cpus} × {machine.Cpu}, cgroup {machine.Cgroup}; {string.Join(", ", machine.Versions.Select(v => $"{v.Key} {WithoutName(v)}"))}.\n");
        text.Append(Machine.IsEmulated
            ? "An emulated machine: nothing but ratios, and never a gate.\n\n"
            : "How to read it: [bench/README.md](../README.md).\n\n");
        Section(text, "Ratios of medians and of server CPU time", Ratios(result.Phases));
        if (!Machine.IsEmulated)
        {
            Section(text, "Time of one read, µs: median / p99", Times(result.Phases));
            Section(text, "The server for one read: CPU time in µs / context switches", Servers(result.Phases));
            Section(text, "While others hammer", Hammered(result.Phases));
        }

        Section(text, $"Requests for one cycle, by {result.RequestMethod}", Requests(result.Requests));
        Section(text, "Memory of the servers, KiB: before the first read → after the last", Memory(result.Memory));
        Section(text, "Noise: the same work each time (spin), and the whole machine", Noise(result.Phases));
        return text.ToString();
    }

    private static void Section(StringBuilder text, string head, TextTable table)
    {
        if (!table.IsEmpty)
        {
            text.Append(CultureInfo.InvariantCulture, $"## {head}\n\n{table}\n");
        }
    }

    private static TextTable Ratios(IReadOnlyList<Phase> phases)
    {
        TextTable table = new("mode", "file", "threads", "readers", "lxcfs/procfs", "of p99", "of CPU", "lxcfs/common", "of CPU ", "procfs/floor", "common/floor", "procfs/kernel", "lxcfs/kernel", "procfs/one thread");
        foreach (Phase phase in phases)
        {
            table.Add([.. Head(phase), Times(phase.TimeRatio(L, P)), Times(phase.P99Ratio(L, P)), Times(phase.CpuRatio(L, P)), Times(phase.TimeRatio(L, C)), Times(phase.CpuRatio(L, C)),
                Times(phase.TimeRatio(P, F)), Times(phase.TimeRatio(C, F)), Times(phase.TimeRatio(P, K)), Times(phase.TimeRatio(L, K)), Times(OverOneThread(phase, phases))]);
        }

        return table;
    }

    /// <summary>Against the same with a container that has one thread: not in the same phase, so noise may be between the two.</summary>
    private static double? OverOneThread(Phase phase, IReadOnlyList<Phase> phases) => phase.Setting.Threads == 1 ? null
        : Samples.Ratio(phase.Of(P)?.MedianUs, phases.FirstOrDefault(p => p.Setting == phase.Setting with { Threads = 1 })?.Of(P)?.MedianUs);

    private static TextTable Times(IReadOnlyList<Phase> phases)
    {
        TextTable table = new(["mode", "file", "threads", "readers", .. Source.All]);
        foreach (Phase phase in phases)
        {
            table.Add([.. Head(phase), .. Source.All.Select(s => phase.Of(s) is { } m ? $"{Number(m.MedianUs)} / {Number(m.P99Us)}" : null)]);
        }

        return table;
    }

    private static TextTable Servers(IReadOnlyList<Phase> phases)
    {
        TextTable table = new(["mode", "file", "threads", "readers", .. Source.All]);
        foreach (Phase phase in phases)
        {
            table.Add([.. Head(phase), .. Source.All.Select(s => phase.Of(s) is { CpuUs: { } cpu, Switches: { } switches } ? $"{Number(cpu)} / {Number(switches)}" : null)]);
        }

        return table;
    }

    private static TextTable Hammered(IReadOnlyList<Phase> phases)
    {
        TextTable table = new("mode", "file", "source", "reads/s of all", "server CPU %", "quiet reader: median µs", "p99 µs");
        foreach (Phase phase in phases)
        {
            foreach (Measurement m in phase.Measurements.Where(m => m.ReadsPerSecond is not null))
            {
                table.Add(phase.Setting.Mode, phase.Setting.File, m.Source, Number(m.ReadsPerSecond), Number(m.CpuPercent), Number(m.MedianUs), Number(m.P99Us));
            }
        }

        return table;
    }

    private static TextTable Requests(IReadOnlyList<RequestCount> counts)
    {
        string[] opcodes = [.. counts.SelectMany(c => c.PerCycle.Keys).Distinct().Order(StringComparer.Ordinal)];
        TextTable table = new(["file", "source", .. opcodes]);
        foreach (RequestCount count in counts)
        {
            table.Add([count.File, count.Source, .. opcodes.Select(o => count.PerCycle.TryGetValue(o, out double number) ? number.ToString("0.##", CultureInfo.InvariantCulture) : null)]);
        }

        return table;
    }

    private static TextTable Memory(IReadOnlyList<MemoryChange> changes)
    {
        TextTable table = new("server", "RSS", "PSS", "anonymous", "descriptors");
        foreach (MemoryChange m in changes)
        {
            table.Add(m.Server, $"{m.Before.RssKib} → {m.After.RssKib}", $"{m.Before.PssKib} → {m.After.PssKib}", $"{m.Before.AnonymousKib} → {m.After.AnonymousKib}", $"{m.Before.Descriptors} → {m.After.Descriptors}");
        }

        return table;
    }

    private static TextTable Noise(IReadOnlyList<Phase> phases)
    {
        TextTable table = new("mode", "file", "threads", "readers", "spin µs", "its p90/median", "steal %", "busy %", "load", "throttled");
        foreach (Phase phase in phases)
        {
            Noise noise = phase.Noise;
            table.Add([.. Head(phase), Number(noise.SpinUs), Times(noise.SpinSpread), Number(noise.Unrest.StealPercent), Number(noise.Unrest.BusyPercent), Times(noise.Unrest.Load), $"{noise.Throttled}"]);
        }

        return table;
    }

    private static string[] Head(Phase phase) => [phase.Setting.Mode, phase.Setting.File, $"{phase.Setting.Threads}", $"{phase.Setting.Readers}"];

    private static string? Times(double? ratio) => ratio?.ToString("0.00", CultureInfo.InvariantCulture);

    private static string? Number(double? value) => value?.ToString(value < 10 ? "0.0" : "0", CultureInfo.InvariantCulture);

    /// <summary>"runc version 1.1.5" without what stands before it anyway.</summary>
    private static string WithoutName(KeyValuePair<string, string> version) =>
        version.Value.StartsWith(version.Key + " version ", StringComparison.Ordinal) ? version.Value[(version.Key.Length + 9)..] : version.Value;
}
