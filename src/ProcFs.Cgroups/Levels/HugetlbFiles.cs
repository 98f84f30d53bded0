using System.Text;
using ProcFs.Cgroups.Parsing;
using ProcFs.Interop;

namespace ProcFs.Cgroups;

/// <summary>Finds the sizes of huge pages a directory has files for: their names hold the size, e.g. <c>2MB</c> between prefix and suffix.</summary>
internal sealed class HugetlbFiles(CgroupDirectory directory, string prefix, string limitSuffix, string usageSuffix)
{
    private static readonly TimeSpan NothingLasts = TimeSpan.FromSeconds(1);

    private readonly byte[] _prefix = Encoding.ASCII.GetBytes(prefix);
    private readonly byte[] _limitSuffix = Encoding.ASCII.GetBytes(limitSuffix);
    private Entry[] _entries = [];
    private long _lookedAt = long.MinValue;

    /// <summary>
    /// Ascending by size. The sizes of a machine are fixed, so they are looked for only until some are found: the controller may be
    /// enabled later.
    /// </summary>
    public ReadOnlySpan<Entry> Entries
    {
        get
        {
            Entry[] entries = Volatile.Read(ref _entries);
            long lookedAt = Volatile.Read(ref _lookedAt);
            if (entries.Length == 0
                && !directory.Vanished
                && (lookedAt == long.MinValue || directory.Time.GetElapsedTime(lookedAt) >= NothingLasts))
            {
                entries = Find();
                Volatile.Write(ref _entries, entries);
                Volatile.Write(ref _lookedAt, directory.Time.GetTimestamp());
            }

            return entries;
        }
    }

    private Entry[] Find()
    {
        Entry[] found = [];
        using (PooledDescriptor.Lease lease = directory.Use(out _))
        {
            int listing = lease.IsValid ? directory.Pool.OpenAt(lease.Number, ".\0"u8, Libc.O_RDONLY | Libc.O_DIRECTORY) : -1;
            if (listing >= 0)
            {
                found = FindIn(listing);
                Libc.Close(listing);
            }
        }

        if (found.Length == 0)
        {
            // Nothing is also what a removed directory holds.
            directory.CheckStillThere();
        }

        return found;
    }

    private Entry[] FindIn(int listing)
    {
        List<Entry>? found = null;
        DirectoryEntries names = new(listing, Scratch.Buffer);
        while (names.TryReadNext(out ReadOnlySpan<byte> nameWithNul, out _))
        {
            if (TryEntry(nameWithNul[..^1]) is { } entry)
            {
                (found ??= []).Add(entry);
            }
        }

        found?.Sort((a, b) => a.PageSizeBytes.CompareTo(b.PageSizeBytes));
        return found?.ToArray() ?? [];
    }

    private Entry? TryEntry(ReadOnlySpan<byte> name)
    {
        if (!name.StartsWith(_prefix) || !name.EndsWith(_limitSuffix) || name.Length <= _prefix.Length + _limitSuffix.Length
            || !HugePageSizeText.TryParse(name[_prefix.Length..^_limitSuffix.Length], out long size))
        {
            return null;
        }

        string limitName = Encoding.ASCII.GetString(name);
        return new Entry(size, directory.File(limitName), directory.File(limitName[..^_limitSuffix.Length] + usageSuffix));
    }

    internal sealed record Entry(long PageSizeBytes, CgroupFile Limit, CgroupFile Usage);
}
