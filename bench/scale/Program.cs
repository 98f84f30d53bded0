using System.Globalization;

namespace ProcFs.Bench;

internal static class Program
{
    private const string Usage = """
        usage: procfs-bench-scale run [CONTAINERS]   a thousand of them, a million requests, starts, idleness; with fewer containers (10 or more) less of all
               procfs-bench-scale soak MINUTES [CONTAINERS]  containers of which a fifth is read each second; carries on where it broke off
               procfs-bench-scale churn MINUTES [CONTAINERS] some containers stay and read, others come and go, the server is killed; carries on likewise
               procfs-bench-scale reader FIFO FILE  in a container: reads as each line of the FIFO says, and leaves the times in FILE
               procfs-bench-scale first FILE        waits until a file can be read, and prints when that was (CLOCK_MONOTONIC, ns)
        """;

    private static int Main(string[] arguments)
    {
        try
        {
            switch (arguments)
            {
                case ["run"]: return ScaleRun.Run(Plan.For(Plan.Usual));
                case ["run", string number] when int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int containers) && containers >= 10: return ScaleRun.Run(Plan.For(containers));
                case ["soak", string minutes] when Number(minutes, 1) is { } some: return SoakRun.Run(some, Plan.Usual);
                case ["soak", string minutes, string number] when Number(minutes, 1) is { } some && Number(number, 10) is { } containers: return SoakRun.Run(some, containers);
                case ["churn", string minutes] when Number(minutes, 1) is { } some: return ChurnRun.Run(some, ChurnRun.Usual);
                case ["churn", string minutes, string number] when Number(minutes, 1) is { } some && Number(number, 3) is { } containers: return ChurnRun.Run(some, containers);
                case ["reader", string fifo, string file]: return ReaderProcess.Run(fifo, file);
                case ["first", string file]: return FirstAnswer.Run(file);
                default:
                    Console.Error.WriteLine(Usage);
                    return 2;
            }
        }
        catch (BenchFailure failure)
        {
            Console.Error.WriteLine("procfs-bench-scale: " + failure.Message);
            return 1;
        }

        static int? Number(string text, int least)
            => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least ? number : null;
    }
}
