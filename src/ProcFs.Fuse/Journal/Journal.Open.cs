using System.Globalization;
using ProcFs.Interop;

namespace ProcFs.Fuse;

// Taking over a journal that came from elsewhere. Every byte counts as hostile.
public sealed unsafe partial class Journal
{
    private const uint PageMask = 4096 - 1;

    /// <summary>
    /// Takes a descriptor that was kept for us. On success it is owned, and closed on exec; otherwise it stays the caller's, and
    /// <paramref name="defect"/> says in one phrase why it is of no use.
    /// </summary>
    public static Journal? TryOpen(int descriptor, out string? defect) => TryOpen(descriptor, out defect, out _);

    /// <inheritdoc cref="TryOpen(int, out string?)"/>
    /// <param name="descriptor">What was kept.</param>
    /// <param name="defect">Why it is of no use; null on success.</param>
    /// <param name="mayPass">Nothing is wrong with the journal: memory or a limit is lacking, and a later try may succeed.</param>
    public static Journal? TryOpen(int descriptor, out string? defect, out bool mayPass)
    {
        mayPass = false;
        int seals = Libc.GetSeals(descriptor);
        if (seals < 0)
        {
            defect = Libc.ErrorOf(seals) == Errno.EINVAL ? "not a file in memory" : Libc.Describe(Libc.ErrorOf(seals));
            return null;
        }

        if ((seals & Seals) != Seals)
        {
            defect = "not sealed: its size could change";
            return null;
        }

        ulong inode = InodeOf(descriptor, out ulong length);
        if (length < JournalHeader.Size)
        {
            defect = string.Create(CultureInfo.InvariantCulture, $"truncated: {length} bytes");
            return null;
        }

        // As long as it is not known to be good, the descriptor is not ours to close.
        FileDescriptor borrowed = new(descriptor);
        byte* start = Map(borrowed, (long)length, out Errno error);
        if (start is null)
        {
            borrowed.SetHandleAsInvalid();
            defect = $"cannot be mapped: {Libc.Describe(error)}";
            mayPass = true;
            return null;
        }

        JournalHeader header = *(JournalHeader*)start; // judged and used in the same state, whoever else can write to it
        string? mount = header.MountLength <= MaxMountLength ? MountOf(new ReadOnlySpan<byte>(header.Mount, (int)header.MountLength)) : null;
        defect = DefectOf(in header, length, mount);
        if (defect is null)
        {
            Journal journal = new(
                borrowed, start, (long)length, inode, (long)header.SlotsOffset, (long)header.ApplicationOffset, (long)header.ApplicationLength, mount!);
            error = journal.LockMemory();
            if (error == Errno.None)
            {
                _ = Libc.SetCloseOnExec(descriptor, true);
                return journal;
            }

            defect = $"cannot be locked in memory: {Libc.Describe(error)}; raise the limit (LimitMEMLOCK=, ulimit -l)";
            mayPass = true;
        }

        borrowed.SetHandleAsInvalid();
        _ = Libc.Munmap(start, (nuint)length);
        return null;
    }

    private static string? DefectOf(in JournalHeader header, ulong length, string? mount)
    {
        if (header.Magic != JournalHeader.CurrentMagic)
        {
            return "not a journal";
        }

        if (header.Layout != JournalHeader.CurrentLayout)
        {
            return string.Create(CultureInfo.InvariantCulture, $"layout version {header.Layout}, this program knows {JournalHeader.CurrentLayout}");
        }

        if (header.SlotCount != RequestSlots.MaxCount || header.SlotSize != RequestSlots.RequestSize)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{header.SlotCount} slots of {header.SlotSize} bytes");
        }

        if (!IsPlace(header.SlotsOffset, SlotsLength, length))
        {
            return string.Create(CultureInfo.InvariantCulture, $"truncated: slots at {header.SlotsOffset} in a file of {length} bytes");
        }

        if (!IsPlace(header.ApplicationOffset, header.ApplicationLength, length)
            || (header.ApplicationOffset < header.SlotsOffset + SlotsLength && header.SlotsOffset < header.ApplicationOffset + header.ApplicationLength))
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"truncated: {header.ApplicationLength} bytes of the application at {header.ApplicationOffset} in a file of {length} bytes");
        }

        if (mount is null)
        {
            return "its mount path is none";
        }

        return header is { IsMounted: <= 1, IsNegotiated: <= 1, NodeTime: >= 0 and <= MaxNodeTime } ? null : "its values are out of range";
    }

    /// <summary>Behind the header, page aligned, and within the file.</summary>
    private static bool IsPlace(ulong offset, ulong size, ulong length)
        => offset >= JournalHeader.Size && (offset & PageMask) == 0 && offset <= length && size <= length - offset;
}
