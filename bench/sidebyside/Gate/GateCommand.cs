using System.Diagnostics;
using System.Globalization;

namespace ProcFs.Bench;

/// <summary>The verb <c>gate</c>: a short run whose ratios must stay above floors, for the tests. JSON on standard output.</summary>
internal static class GateCommand
{
    private const int Batches = 6;

    private static readonly string[] Files = ["meminfo", "stat", "cpuinfo"];

    // Longer than ProcFs reuses a text; a source has its turn again after about 50 ms.
    private static readonly ReadPlan Cold = new() { Rounds = 8, GapMs = 12 };

    private static readonly ReadPlan Repeated = new() { Rounds = 5, Burst = 20 };

    /// <returns>0 when all are above, or nothing can be said here; 1 when one is below.</returns>
    /// <exception cref="BenchFailure">Something is missing, or a file could not be read.</exception>
    public static int Run(string[] words)
    {
        if (words.Length > 0)
        {
            throw new BenchFailure($"gate takes no arguments, not \"{words[0]}\"");
        }

        if (Machine.IsEmulated)
        {
            Print(ResultsFile.Json(json =>
            {
                json.WriteStartObject();
                json.WriteString("skipped", "an emulated machine, whose times say nothing");
                json.WriteEndObject();
            }));
            return 0;
        }

        Stopwatch since = Stopwatch.StartNew();
        string[] sources = [Source.ProcFs, .. LxcfsServer.Program is null ? new[] { Source.Floor, Source.Kernel } : [Source.Lxcfs, Source.Floor, Source.Kernel]];
        List<Phase[]> batches = [];
        using (Site site = Site.Open())
        {
            Scene scene = new(site, sources, Files);
            using Container container = scene.Start("gate");
            for (int i = 0; i < Batches; i++)
            {
                batches.Add([.. Files.SelectMany(file => new[]
                {
                    ReadPhase.Run(container, new Setting(RunOptions.Cold, file), scene.Sources, Cold),
                    ReadPhase.Run(container, new Setting(RunOptions.Repeated, file), scene.Sources, Repeated),
                })]);
            }
        }

        GateCheck[] checks = LxcfsServer.Program is null ? GateCheck.WithoutLxcfs : GateCheck.WithLxcfs;
        GateResult[] results = [.. checks.Select(check => new GateResult(check, [.. batches.Select(check.RatioOf).OfType<double>()]))];
        Print(Json(results, [.. GateCheck.WithoutLxcfs.Except(checks).Select(check => new GateResult(check, [.. batches.Select(check.RatioOf).OfType<double>()]))], since.Elapsed.TotalSeconds));
        foreach (GateResult result in results)
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{result.Check.Name,-32} {result.Ratio:0.00}, floor {result.Check.Floor:0.00}{(result.IsPassed ? "" : "  BELOW")}"));
        }

        return results.All(r => r.IsPassed) ? 0 : 1;
    }

    private static byte[] Json(GateResult[] results, GateResult[] others, double seconds) => ResultsFile.Json(json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("passed", results.All(r => r.IsPassed));
        json.WriteRounded("seconds", seconds);
        json.WriteRounded("load", Unrest.Since(Unrest.Now()).Load);
        json.WriteStartArray("checks");
        foreach (GateResult result in results)
        {
            Write(json, result, result.IsPassed);
        }

        json.WriteEndArray();
        json.WriteStartArray("notChecked"); // only where there is no lxcfs
        foreach (GateResult result in others)
        {
            Write(json, result, null);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Write(System.Text.Json.Utf8JsonWriter json, GateResult result, bool? isPassed)
    {
        json.WriteStartObject();
        json.WriteString("name", result.Check.Name);
        json.WriteRounded("ratio", result.Ratio);
        json.WriteRounded("floor", result.Check.Floor);
        if (isPassed is { } passed)
        {
            json.WriteBoolean("passed", passed);
        }

        json.WriteStartArray("batches");
        foreach (double ratio in result.Batches)
        {
            json.WriteNumberValue(Math.Round(ratio, 3));
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Print(byte[] json)
    {
        using Stream output = Console.OpenStandardOutput();
        output.Write(json);
    }
}
