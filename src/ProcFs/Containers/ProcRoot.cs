using System.Buffers.Text;
using ProcFs.Interop;

namespace ProcFs.Containers;

/// <summary>The procfs of the host that has the containers, as a directory that is kept open.</summary>
internal sealed class ProcRoot : IDisposable
{
    private readonly FileDescriptor _directory;
    private readonly Action? _makeRoom;

    /// <param name="path">Where it is mounted.</param>
    /// <param name="makeRoom">Called when too many files are open, to close some; null: nobody can.</param>
    /// <exception cref="Failure">It is not there.</exception>
    public ProcRoot(string path, Action? makeRoom = null)
    {
        _makeRoom = makeRoom;
        Path = path;
        _directory = FileDescriptor.Open(path, Libc.O_PATH | Libc.O_DIRECTORY, out Errno error)
            ?? throw new Failure(ErrorExit.Of(error), $"cannot open {path}: {Libc.Describe(error)}; give the procfs of the containers' host with --proc-root");
    }

    public string Path { get; }

    /// <summary>Opens the directory of a process or thread by its number; negative (-ENOENT) when there is none.</summary>
    public int OpenProcess(long pid)
    {
        Span<byte> name = stackalloc byte[24];
        if (!Utf8Formatter.TryFormat(pid, name, out int length))
        {
            return -(int)Errno.EINVAL;
        }

        name[length] = 0;
        int process = Libc.OpenAt(_directory.Number, name, Libc.O_PATH | Libc.O_DIRECTORY);
        if (_makeRoom is not null && Libc.ErrorOf(process) is Errno.EMFILE or Errno.ENFILE)
        {
            _makeRoom();
            process = Libc.OpenAt(_directory.Number, name, Libc.O_PATH | Libc.O_DIRECTORY);
        }

        return process;
    }

    /// <summary>Opens /proc/self; negative where the root has no such entry.</summary>
    public int OpenSelf() => Libc.OpenAt(_directory.Number, "self\0"u8, Libc.O_PATH | Libc.O_DIRECTORY);

    /// <summary>The number that this process has there; 0 when it has none.</summary>
    public int OwnPid()
    {
        Span<byte> target = stackalloc byte[24];
        nint length = Libc.ReadlinkAt(_directory.Number, "self\0"u8, target);
        return length > 0 && Text.NumberText.TryParse(target[..(int)length], out long pid) && pid <= int.MaxValue ? (int)pid : 0;
    }

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
}
