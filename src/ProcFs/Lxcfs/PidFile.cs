using System.Globalization;
using ProcFs.Interop;

namespace ProcFs.Lxcfs;

/// <summary>The file with the number of this process, for those who send lxcfs its signals. Gone with us.</summary>
internal sealed class PidFile : IDisposable
{
    private readonly string _path;

    private PidFile(string path) => _path = path;

    /// <exception cref="Failure">Another one runs, or it cannot be written.</exception>
    public static PidFile Write(string path)
    {
        try
        {
            if (ReadNumber(path) is > 0 and int other && other != Environment.ProcessId && IsLxcfs(other))
            {
                throw new Failure(ExitCode.Failed, $"lxcfs runs already as process {other}, says {path}: stop that one first, or give another file with --pidfile");
            }

            File.WriteAllText(path, string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n"));
            return new PidFile(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.Failed, $"cannot write {path}: {exception.Message}; give another file with --pidfile");
        }
    }

    /// <summary>Unless somebody else has put his number there.</summary>
    public void Dispose()
    {
        if (ReadNumber(_path) == Environment.ProcessId)
        {
            _ = Libc.UnlinkAt(Libc.AT_FDCWD, Libc.PathBytes(_path));
        }
    }

    /// <summary>0: there is none.</summary>
    private static int ReadNumber(string path)
    {
        try
        {
            return File.Exists(path) && int.TryParse(File.ReadAllText(path).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>Numbers are used again: only one of that name counts.</summary>
    private static bool IsLxcfs(int pid)
    {
        try
        {
            string[] words = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cmdline")).Split('\0');
            return words.Take(2).Any(word => Path.GetFileName(word) == LxcfsProgram.Name); // or procfs lxcfs
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
