return ProcFs.Cli.CommandLine.Run(args);
