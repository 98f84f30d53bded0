using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;
using ProcFs.Benchmarks.Support;

namespace ProcFs.Benchmarks;

/// <summary>
/// Arguments are BenchmarkDotNet's (<c>--filter '*View*'</c>). Prints its tables; saves them in bench/results when all of them were run, else in artifacts.
/// </summary>
internal static class Program
{
    private static readonly string Artifacts = Path.Combine(Captured.Repository, "artifacts/benchmarks");

    public static int Main(string[] arguments)
    {
        // Short: the whole set has to be cheap enough to be run often. In this process: there is no second build that could differ.
        Job job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithIterationTime(TimeInterval.FromMilliseconds(80))
            .WithWarmupCount(2).WithIterationCount(5).WithUnrollFactor(1).WithId("short");
        Directory.CreateDirectory(Artifacts);
        bool asks = arguments.Any(argument => argument is "--list" or "--help" or "--info");
        using StreamLogger log = new(Path.Combine(Artifacts, "run.log"));
        IConfig config = ManualConfig.CreateEmpty().AddJob(job).AddLogger(asks ? ConsoleLogger.Default : log).WithArtifactsPath(Artifacts)
            .AddColumnProvider(DefaultColumnProviders.Descriptor, DefaultColumnProviders.Params, DefaultColumnProviders.Metrics)
            .AddColumn(StatisticColumn.Median, StatisticColumn.Min, StatisticColumn.StdDev)
            .WithOptions(ConfigOptions.DisableLogFile);
        Summary[] summaries = [.. BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(arguments, config)];
        if (summaries.Length == 0)
        {
            return asks ? 0 : Refuse("no benchmark has such a name: try --list flat");
        }

        Save(summaries);
        return summaries.Any(summary => summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success))
            ? Refuse("a benchmark failed: artifacts/benchmarks/run.log has why")
            : 0;
    }

    private static int Refuse(string why)
    {
        Console.Error.WriteLine("benchmarks: " + why);
        return 1;
    }

    private static void Save(Summary[] summaries)
    {
        string kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim().Split('-')[0];
        string file = Path.Combine(Captured.Repository, "bench/results", $"{DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}-{kernel}-benchmarks.md");
        bool isWhole = summaries.Length == typeof(Program).Assembly.GetTypes().Count(type => type.Name.EndsWith("Benchmarks", StringComparison.Ordinal))
            && summaries.All(summary => summary.Reports.Length == summary.BenchmarksCases.Length);
        if (!isWhole)
        {
            file = Path.Combine(Artifacts, "part.md");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"# Benchmarks, {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, Linux {kernel}\n\n");
        text.Append("Short runs on plain files: read differences of a factor, not of some percent. What is measured: bench/ProcFs.Benchmarks/README.md.\n");
        foreach (string line in summaries[0].HostEnvironmentInfo.ToFormattedString())
        {
            text.Append("\n    ").Append(line);
        }

        text.Append(CultureInfo.InvariantCulture, $"\n    runtime {RuntimeInformation.FrameworkDescription}, optimised from the start\n");
        foreach (Summary summary in summaries)
        {
            text.Append("\n## ").Append(summary.BenchmarksCases[0].Descriptor.Type.Name).Append("\n\n").Append(TableOf(summary));
        }

        File.WriteAllText(file, text.ToString());
        Console.WriteLine(File.ReadAllText(file));
        Console.WriteLine("saved: " + Path.GetRelativePath(Captured.Repository, file));
    }

    /// <summary>Without the environment, which is the same for all, and without what makes it hard to read as text.</summary>
    private static string TableOf(Summary summary)
    {
        AccumulationLogger log = new();
        MarkdownExporter.GitHub.ExportToLog(summary, log);
        IEnumerable<string> rows = log.GetLog().Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith('|'));
        return string.Concat(rows.Select(row => row.Replace("**", "", StringComparison.Ordinal).Replace("&#39;", "", StringComparison.Ordinal).Replace("'", "", StringComparison.Ordinal) + "\n"));
    }
}
