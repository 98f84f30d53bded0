using System.Diagnostics;
using System.Globalization;
using ProcFs.Fuzz.Engine;
using ProcFs.Fuzz.Targets;

namespace ProcFs.Fuzz;

internal static class Program
{
    private const string Usage = """
        usage: ProcFs.Fuzz run MINUTES [TARGET]...  tries inputs for so many minutes more of each target (of all of them)
               ProcFs.Fuzz replay TARGET FILE...    tries inputs, and says what came out
               ProcFs.Fuzz keep [TARGET]...         puts the shortest inputs that go all known ways into the repository
               ProcFs.Fuzz figures                  what was tried, as rows of a table
               ProcFs.Fuzz targets                  what there is
        """;

    private static int Main(string[] arguments) => arguments switch
    {
        ["run", string minutes, .. string[] targets] when double.TryParse(minutes, CultureInfo.InvariantCulture, out double number) && number > 0 && Known(targets) => Run(TimeSpan.FromMinutes(number), targets),
        ["replay", string target, .. { Length: > 0 } files] when Known([target]) => Replay(target, files),
        ["keep", .. string[] targets] when Known(targets) => CorpusChoice.Keep(OrAll(targets)),
        ["figures"] => Figures(),
        ["targets"] => Targets(),
        ["child", string target, string seconds] when Known([target]) => Child(target, int.Parse(seconds, CultureInfo.InvariantCulture)),
        _ => Explain(),
    };

    private static bool Known(string[] targets) => Array.TrueForAll(targets, target => FuzzTargets.Names.Contains(target));

    private static IEnumerable<string> OrAll(string[] targets) => targets.Length > 0 ? targets : FuzzTargets.Names;

    private static FuzzFolder FolderOf(string target) => new(Path.Combine(FuzzTargets.Artifacts, target));

    private static int Run(TimeSpan time, string[] targets)
    {
        using InstrumentedProgram program = new();
        Console.WriteLine($"{program.Blocks} blocks instrumented");
        using CancellationTokenSource stop = new();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stop.Cancel();
        };
        using System.Runtime.InteropServices.PosixSignalRegistration term = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        int defects = 0;
        foreach (string target in OrAll(targets))
        {
            if (stop.IsCancellationRequested)
            {
                break;
            }

            FuzzFolder folder = FolderOf(target);
            FuzzTotal total = new Watch(target, folder, program.Executable).Run(time, Console.WriteLine, stop.Token);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target}: {total.Seconds / 60:0.0} minutes in all, {total.Inputs} inputs, {total.Edges} edges, {total.Kept} kept"));
            foreach (string defect in folder.Defects)
            {
                defects++;
                Console.WriteLine($"{target}: DEFECT {defect}: {File.ReadLines(defect + ".txt").First()}");
            }
        }

        return defects == 0 ? 0 : 1;
    }

    private static int Child(string name, int seconds)
    {
        FuzzFolder folder = FolderOf(name);
        using Exchange exchange = Exchange.Open(folder.ExchangeFile);
        using IFuzzTarget target = FuzzTargets.Make(name)!;
        new FuzzLoop(target, folder, exchange).Run(FuzzTargets.CorpusOf(name), TimeSpan.FromSeconds(seconds));
        return 0;
    }

    private static int Replay(string name, string[] files)
    {
        using IFuzzTarget target = FuzzTargets.Make(name)!;
        int defects = 0;
        foreach (string file in files)
        {
            Stopwatch since = Stopwatch.StartNew();
            Exception? found = Attempt.At(target, File.ReadAllBytes(file));
            defects += found is null ? 0 : 1;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file}: {since.Elapsed.TotalMilliseconds:0.0} ms: {(object?)found ?? "all is well"}"));
        }

        return defects == 0 ? 0 : 1;
    }

    private static int Figures()
    {
        foreach (string name in FuzzTargets.Names)
        {
            FuzzFolder folder = FolderOf(name);
            FuzzTotal total = folder.Total;
            int corpus = Directory.Exists(FuzzTargets.CorpusOf(name)) ? Directory.GetFiles(FuzzTargets.CorpusOf(name)).Length : 0;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {total.Seconds / 60:0.0} | {total.Inputs:N0} | {total.Edges} | {corpus} | {folder.Defects.Count()} |"));
        }

        return 0;
    }

    private static int Targets()
    {
        foreach (string name in FuzzTargets.Names)
        {
            Console.WriteLine($"{name,-10} {FuzzTargets.AboutOf(name)}");
        }

        return 0;
    }

    private static int Explain()
    {
        Console.Error.WriteLine(Usage);
        return 2;
    }
}
