return ProcFs.Hook.HookProgram.Run(args) ?? ProcFs.Lxcfs.LxcfsProgram.Run(args) ?? ProcFs.Cli.CommandLine.Run(args);
