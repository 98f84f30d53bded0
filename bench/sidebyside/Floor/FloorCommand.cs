using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Fuse;

namespace ProcFs.Bench;

/// <summary>The verb <c>floor</c>: the protocol floor. The same transport, journal and workers as ProcFs's, and nothing to think about.</summary>
internal static class FloorCommand
{
    private const int Workers = 4;

    /// <param name="words">The mount point, the directory with the texts, and their names.</param>
    /// <exception cref="BenchFailure">Too few of them, or it cannot mount.</exception>
    public static int Run(string[] words)
    {
        if (words is not [string mount, string texts, _, ..])
        {
            throw new BenchFailure("floor takes a mount point, a directory with texts, and their names");
        }

        try
        {
            using Journal journal = Journal.Create(MountPoint.Canonical(mount), 1, 0);
            FuseDevice device = Connection.OpenDevice();
            FuseMount.Mount(device, mount, FloorServer.Subtype);
            Dispatcher dispatcher = new(new FloorFileSystem(texts, words[2..]), journal.CreateSession(), NullLogger.Instance);
            using Connection connection = new(device, new RequestSlots(journal), dispatcher, NullLogger.Instance);
            connection.Start(Workers);
            Console.WriteLine(FloorServer.Ready);
            _ = connection.Completion.GetAwaiter().GetResult();
            return 0;
        }
        catch (FuseException exception)
        {
            throw new BenchFailure(exception.Message);
        }
    }
}
