using System.Buffers.Text;
using ProcFs.Interop;

namespace ProcFs.Containers;

/// <summary>The procfs of the host that has the containers, as a directory that is kept open.</summary>
internal sealed class ProcRoot : IDisposable
{
    private readonly FileDescriptor _directory;

    public ProcRoot(string path)
    {
        Path = path;
        _directory = FileDescriptor.Open(path, Libc.O_PATH | Libc.O_DIRECTORY, out Errno error)
            ?? throw new Failure(ExitCode.Impossible, $"cannot open {path}: {Libc.Describe(error)}; give the procfs of the containers' host with --proc-root");
    }

    public string Path { get; }

    /// <summary>Opens the directory of a process or thread by its number; negative (-ENOENT) when there is none.</summary>
    public int OpenProcess(long pid)
    {
        Span<byte> name = stackalloc byte[24];
        return !Utf8Formatter.TryFormat(pid, name, out int length)
            ? -(int)Errno.EINVAL
            : Libc.OpenAt(_directory.Number, Terminated(name, length), Libc.O_PATH | Libc.O_DIRECTORY);
    }

    /// <summary>Opens /proc/self; negative where the root has no such entry.</summary>
    public int OpenSelf() => Libc.OpenAt(_directory.Number, "self\0"u8, Libc.O_PATH | Libc.O_DIRECTORY);

    /// <summary>The numbers of all processes, for the rare search of a namespace's init.</summary>
    public IEnumerable<int> ListProcesses()
    {
        foreach (string directory in Directory.EnumerateDirectories(Path))
        {
            if (int.TryParse(System.IO.Path.GetFileName(directory), System.Globalization.NumberStyles.None, null, out int pid))
            {
                yield return pid;
            }
        }
    }

    public void Dispose() => _directory.Dispose();

    private static ReadOnlySpan<byte> Terminated(Span<byte> text, int length)
    {
        text[length] = 0;
        return text[..(length + 1)];
    }
}
