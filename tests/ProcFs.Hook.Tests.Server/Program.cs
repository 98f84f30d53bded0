using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Fuse;
using ProcFs.Interop;

namespace ProcFs.Hook.Tests.Server;

/// <summary>
/// serve DIRECTORY   mounts the tree of <see cref="ContainerTree"/> as the product does, and serves it until it is killed; says "ready MINOR"
/// silent PATH TYPE  mounts a FUSE file system on a file or directory and never answers anything; says "ready"
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments) => arguments switch
    {
        ["serve", string directory] => Serve(directory),
        ["silent", string path, string type] => StaySilent(path, type),
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

    private static int StaySilent(string path, string type)
    {
        int device = Libc.OpenAt(Libc.AT_FDCWD, "/dev/fuse", Libc.O_RDWR);
        string mode = Directory.Exists(path) ? "40555" : "100444"; // octal, with the kind of file
        string options = string.Create(CultureInfo.InvariantCulture, $"fd={device},rootmode={mode},user_id=0,group_id=0,allow_other");
        int result = device < 0 ? device : Libc.Mount("procfs", path, type, 0, options);
        if (result < 0)
        {
            Console.Error.WriteLine(Libc.Describe(Libc.ErrorOf(result)));
            return 1;
        }

        Console.WriteLine("ready");
        Thread.Sleep(Timeout.Infinite);
        return 0;
    }
}
