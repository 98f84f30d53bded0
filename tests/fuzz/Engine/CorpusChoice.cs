using System.Diagnostics;
using ProcFs.Fuzz.Targets;

namespace ProcFs.Fuzz.Engine;

/// <summary>Chooses what of all inputs the repository keeps: for each way that is known one that goes it, few and short ones. Regressions stay.</summary>
internal static class CorpusChoice
{
    /// <summary>What a name of a file begins with that was a defect once: never taken away.</summary>
    public const string Regression = "regression-";

    private const int LongestKept = 8 * 1024;

    /// <summary>By the instrumented program, which this one starts.</summary>
    public static int Keep(IEnumerable<string> targets)
    {
        if (!File.Exists(Path.Combine(AppContext.BaseDirectory, Words.FileName)))
        {
            using InstrumentedProgram program = new();
            using Process process = Process.Start(new ProcessStartInfo(program.Executable, ["keep", .. targets]))!;
            process.WaitForExit();
            return process.ExitCode;
        }

        foreach (string target in targets)
        {
            Keep(target);
        }

        return 0;
    }

    private static void Keep(string name)
    {
        string corpus = Directory.CreateDirectory(FuzzTargets.CorpusOf(name)).FullName;
        using IFuzzTarget target = FuzzTargets.Make(name)!;
        byte[] known = new byte[Coverage.Size];
        List<byte[]> chosen = [];
        // What the target begins with anyway is known: it need not be kept.
        foreach (byte[] seed in target.Seeds().Concat(Directory.EnumerateFiles(corpus, Regression + "*").Select(File.ReadAllBytes)))
        {
            _ = IsNew(seed);
        }

        foreach (byte[] input in FuzzFolder.Read(corpus).Concat(FuzzFolder.Read(Path.Combine(FuzzTargets.Artifacts, name, "queue"))).Where(input => input.Length <= LongestKept).OrderBy(input => input.Length))
        {
            if (IsNew(input))
            {
                chosen.Add(input);
            }
        }

        foreach (string file in Directory.EnumerateFiles(corpus).Where(file => !Path.GetFileName(file).StartsWith(Regression, StringComparison.Ordinal)))
        {
            File.Delete(file);
        }

        foreach (byte[] input in chosen)
        {
            File.WriteAllBytes(Path.Combine(corpus, FuzzFolder.NameOf(input)), input);
        }

        Console.WriteLine($"{name}: {chosen.Count} inputs, {chosen.Sum(input => input.Length)} bytes");

        // Cells alone, not how often: that would keep an input for each length of a loop.
        bool IsNew(byte[] input)
        {
            if (Attempt.At(target, input) is not null)
            {
                return false;
            }

            bool isNew = false;
            foreach (int cell in Coverage.Cells)
            {
                isNew |= known[cell] == 0;
                known[cell] = 1;
            }

            return isNew;
        }
    }
}
