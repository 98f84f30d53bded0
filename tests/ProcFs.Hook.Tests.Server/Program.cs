using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Fuse;

namespace ProcFs.Hook.Tests.Server;

/// <summary>
/// serve DIRECTORY: mounts the tree of <see cref="ContainerTree"/> as the product does, and serves it until it is killed; says "ready MINOR"
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments) => arguments switch
    {
        ["serve", string directory] => Serve(directory),
        _ => 2,
    };

    private static int Serve(string directory)
    {
        const int workers = 4;
        FuseDevice device = Connection.OpenDevice();
        Dispatcher dispatcher = new(new ContainerTree(), new SessionParameters(), NullLogger.Instance);
        Connection connection = new(device, new RequestSlots(workers), dispatcher, NullLogger.Instance);
        FuseMount.Mount(device, directory);
        connection.Start(workers);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ready {MountPoint.Inspect(directory).DeviceMinor}"));
        connection.Completion.Wait();
        return 0;
    }
}
