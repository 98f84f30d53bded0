using ProcFs.Interop;

namespace ProcFs.Fuse.Tests;

/// <summary>Files in memory as a stranger could hand them over.</summary>
internal static unsafe class MemoryFile
{
    public const int JournalSeals = Libc.F_SEAL_SHRINK | Libc.F_SEAL_GROW | Libc.F_SEAL_SEAL;

    /// <summary>A journal's length without an application: header, slots, and the holes between.</summary>
    public const int JournalLength = 128 * 1024;

    public static FileDescriptor Create(ReadOnlySpan<byte> content, long length, int seals = JournalSeals)
    {
        FileDescriptor file = new(Libc.MemfdCreate("stranger", Libc.MFD_CLOEXEC | Libc.MFD_ALLOW_SEALING));
        Assert.False(file.IsInvalid);
        Assert.Equal(0, Libc.Ftruncate(file.Number, length));
        Assert.Equal(content.Length, Libc.Write(file.Number, content));
        Assert.Equal(0, seals == 0 ? 0 : Libc.AddSeals(file.Number, seals));
        return file;
    }

    /// <summary>Another descriptor of an open file, as a process gets that it is passed to.</summary>
    public static int Again(int descriptor)
    {
        int copy = Libc.OpenAt(Libc.AT_FDCWD, $"/proc/self/fd/{descriptor}", Libc.O_RDWR);
        Assert.True(copy >= 0, $"opening again: {copy}");
        return copy;
    }

    /// <summary>What the first page of a good journal looks like.</summary>
    public static byte[] HeaderOf(Journal journal)
    {
        fixed (JournalHeader* header = &journal.Header)
        {
            return new ReadOnlySpan<byte>(header, JournalHeader.Size).ToArray();
        }
    }

    /// <summary>Opens a journal over a file whose descriptor stays with us when it is refused, as it should.</summary>
    public static string? DefectOf(FileDescriptor file)
    {
        using Journal? journal = Journal.TryOpen(file.Number, out string? defect);
        Assert.Equal(journal is null, defect is not null);
        if (journal is null)
        {
            Assert.True(Libc.GetSeals(file.Number) is >= 0 or -(int)Errno.EINVAL, "the descriptor has been closed");
        }
        else
        {
            file.SetHandleAsInvalid(); // the journal's now
        }

        return defect;
    }
}
