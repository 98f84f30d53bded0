namespace ProcFs.Bench;

internal static class Program
{
    private const string Usage = """
        usage: procfs-bench-scale run [--short]     a thousand containers, a million requests, starts, idleness; short: a tenth of it
               procfs-bench-scale reader FIFO FILE  in a container: reads as each line of the FIFO says, and leaves the times in FILE
               procfs-bench-scale first FILE        waits until a file can be read, and prints when that was (CLOCK_MONOTONIC, ns)
        """;

    private static int Main(string[] arguments)
    {
        try
        {
            switch (arguments)
            {
                case ["run"]: return ScaleRun.Run(Plan.Whole);
                case ["run", "--short"]: return ScaleRun.Run(Plan.Short);
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
    }
}
