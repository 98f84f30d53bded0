using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Fuse;
using ProcFs.Hook.Hooking;

namespace ProcFs.Hook.Tests.Server;

/// <summary>
/// serve DIRECTORY [FILE]: mounts the tree of <see cref="ContainerTree"/> as the product does, and serves it until it is killed; says "ready MINOR". What is asked for that name
/// is never answered. hook … and runtime …: these verbs, in a process that can hang; patient-hook …: the same with three times the time, for a machine that does much else.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments) => arguments switch
    {
        ["serve", string directory, .. string[] silent] => Serve(directory, silent),
        ["patient-hook", .. string[] words] => HookCommand.Run(
            HookOptions.Parse(words, Environment.GetEnvironmentVariable) with { Within = 3 * HookRun.Within, DaemonWithin = 1.5 * HookRun.Within }),
        _ => HookProgram.Run(arguments) ?? 2,
    };

    private static int Serve(string directory, string[] silent)
    {
        const int workers = 4;
        FuseDevice device = Connection.OpenDevice();
        Dispatcher dispatcher = new(new ContainerTree(silent), new SessionParameters(), NullLogger.Instance);
        Connection connection = new(device, new RequestSlots(workers), dispatcher, NullLogger.Instance);
        FuseMount.Mount(device, directory);
        connection.Start(workers);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ready {MountPoint.Inspect(directory).DeviceMinor}"));
        connection.Completion.Wait();
        return 0;
    }
}
