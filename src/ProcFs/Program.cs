return ProcFs.Hook.HookProgram.Run(args) ?? ProcFs.Cli.CommandLine.Run(args);
