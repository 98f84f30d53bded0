using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using ProcFs.Hook;
using ProcFs.Interop;

namespace ProcFs.Serving;

/// <summary>
/// The connections that we have had since boot, in the run directory: by them a dead mount in a container is known as ours.
/// Only the holder of a mount point's lock writes, one line at a time, and nothing is ever taken out.
/// </summary>
internal static class ConnectionRecord
{
    private const uint OwnerReadWrite = 0x180; // 0600

    /// <summary>Notes a connection, once. Null; or one sentence that says why not.</summary>
    /// <param name="runDirectory">Where the file is.</param>
    /// <param name="procRoot">Whose boot it is.</param>
    /// <param name="minor">Of the mount's device.</param>
    /// <param name="mark">Of <see cref="ConnectionMark"/>; 0: an earlier version mounted it.</param>
    /// <param name="session">The name of the session's mount point.</param>
    public static string? Note(string runDirectory, string procRoot, uint minor, uint mark, string session)
    {
        string path = RunDirectory.Connections(runDirectory);
        try
        {
            string boot = File.ReadAllText(Path.Combine(procRoot, "sys/kernel/random/boot_id")).Trim();
            return Note(path, string.Create(CultureInfo.InvariantCulture, $"{boot} {minor} {mark} {session}"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }

    private static string? Note(string path, string line)
    {
        using FileDescriptor? file = FileDescriptor.Open(path, Libc.O_RDWR | Libc.O_APPEND | Libc.O_CREAT | Libc.O_NOFOLLOW, out Errno error, OwnerReadWrite);
        if (file is null)
        {
            return $"cannot open {path}: {Libc.Describe(error)}";
        }

        using SafeFileHandle handle = new(file.Number, ownsHandle: false);
        using (StreamReader lines = new(new FileStream(handle, FileAccess.Read)))
        {
            while (lines.ReadLine() is { } noted)
            {
                if (noted == line)
                {
                    return null;
                }
            }
        }

        // In one write(2): who reads at the same time sees all of the line or nothing.
        nint written = Libc.Write(file.Number, Encoding.ASCII.GetBytes(line + "\n"));
        return written < 0 ? $"cannot write {path}: {Libc.Describe(Libc.ErrorOf(written))}" : null;
    }
}
