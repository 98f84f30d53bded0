namespace ProcFs.Bench;

/// <summary>The verbs: what is measured, and the small programs that measuring needs in containers.</summary>
internal static class Program
{
    private const string Usage =
        """
        usage: procfs-bench VERB
          run [OPTION]...        reads the files of ProcFs, lxcfs and the kernel side by side (procfs-bench run --help)
          gate                   a short run; JSON with the ratios that must not fall. Exit code 1 when one has
        and, for containers:
          read, hammer, threads  what reads, reads without end, has threads
          floor                  a server of constant text, made of the same protocol code
        """;

    private static int Main(string[] arguments)
    {
        try
        {
            string[] rest = arguments.Length > 0 ? arguments[1..] : [];
            switch (arguments.FirstOrDefault())
            {
                case "run":
                    return RunCommand.Run(rest);
                case "gate":
                    return GateCommand.Run(rest);
                case "read":
                    return Reader.Run(rest);
                case "hammer":
                    return HammerCommand.Run(rest);
                case "threads":
                    return ThreadsCommand.Run(rest);
                case "floor":
                    return FloorCommand.Run(rest);
                default:
                    Console.Error.WriteLine(Usage);
                    return arguments is ["--help" or "help"] ? 0 : 2;
            }
        }
        catch (BenchFailure failure)
        {
            Console.Error.WriteLine($"procfs-bench: {failure.Message}");
            return 1;
        }
        catch (Exception exception) // a fault of ours: caught, since otherwise nothing is taken away
        {
            Console.Error.WriteLine(exception);
            return 1;
        }
    }
}
