using ProcFs.Interop;

namespace ProcFs.Sampling;

/// <summary>Files that are mapped and outlive the daemon.</summary>
internal static unsafe class MappedFile
{
    private const uint OwnerReadWrite = 0x180; // 0600

    /// <summary>A new file in place of whatever has the name, mapped. Null and the reason when that cannot be.</summary>
    /// <param name="path">Where.</param>
    /// <param name="space">How much of it has real space from the beginning, in bytes; it holds zeros.</param>
    /// <param name="mapped">How much is mapped, whether it has space or not.</param>
    /// <param name="memory">The mapping, to be given back as the file is.</param>
    /// <param name="defect">Null: all is well.</param>
    public static FileDescriptor? TryCreate(string path, long space, nuint mapped, out byte* memory, out string? defect)
    {
        memory = null;
        try
        {
            // Not emptied: whoever has it mapped would be killed by that.
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            defect = exception.Message;
            return null;
        }

        FileDescriptor? file = FileDescriptor.Open(path, Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL | Libc.O_NOFOLLOW, out Errno error, OwnerReadWrite);
        if (file is not null)
        {
            error = Libc.ErrorOf(Libc.Fallocate(file.Number, 0, space));
            memory = error == Errno.None ? Map(file, mapped, out error) : null;
        }

        defect = memory is null ? Libc.Describe(error) : null;
        if (memory is null)
        {
            file?.Dispose();
            return null;
        }

        return file;
    }

    /// <summary>Maps a file for reading and writing, shared; null and the kernel's error.</summary>
    public static byte* Map(FileDescriptor file, nuint length, out Errno error)
        => Libc.Mmap(length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED, file.Number, 0, out error);
}
