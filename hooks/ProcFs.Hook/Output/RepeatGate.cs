using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ProcFs.Interop;

namespace ProcFs.Hook.Output;

/// <summary>
/// Which warnings are left out, since one like it was told within the last minute. For what is a new process each time, as a hook at each start of a container, so that is kept in a file of the
/// run directory, a table whose size never changes. A hook's lines are alike when event and words are; words with a digit in them, as ids, process numbers and durations, make no
/// difference, and a container that is started again and again has another id each time. No lock: of two at once both may tell. Where the file cannot be used, all is told.
/// </summary>
/// <param name="path">The file. No link is followed, and nothing but a regular file is used.</param>
/// <param name="most">Kinds of lines that are told apart within a minute: the same for all who use a file.</param>
public sealed class RepeatGate(string path, int most = RepeatGate.Places)
{
    /// <summary>Kinds of lines that are told apart within a minute, where nothing else is said; those beyond share the places of others.</summary>
    public const int Places = 64;

    /// <summary>How long one is told of once, in ms.</summary>
    public const long WindowMs = 60_000;

    private const uint OwnersAlone = 0x180; // 0600
    private const ulong Basis = 14695981039346656037;

    /// <summary>Whether a line is to be told.</summary>
    /// <param name="what">Its event.</param>
    /// <param name="line">Its words.</param>
    /// <param name="nowMs">Since boot, as <see cref="Environment.TickCount64"/>.</param>
    /// <param name="leftOut">How many like it were left out since it was told last; 0 when it is not to be told.</param>
    public bool Admits(HookEvent what, string line, long nowMs, out long leftOut) => Admits(KeyOf(what, line), nowMs, out leftOut);

    /// <summary>The same where somebody else says which lines are alike.</summary>
    /// <param name="key">That of a line: <see cref="KeyOf(string)"/>.</param>
    /// <param name="nowMs">Since boot.</param>
    /// <param name="leftOut">How many like it were left out since it was told last; 0 when it is not to be told.</param>
    public bool Admits(ulong key, long nowMs, out long leftOut)
    {
        leftOut = 0;
        using FileDescriptor? file = Open();
        if (file is null)
        {
            return true;
        }

        // A shorter file, or none yet, leaves empty places.
        Span<Place> places = stackalloc Place[most];
        places.Clear();
        if (Libc.Pread(file.Number, MemoryMarshal.AsBytes(places), 0) < 0)
        {
            return true;
        }

        int index = Find(places, key, nowMs, out bool isKnown);
        Place place = places[index];
        bool isTold = !isKnown || !place.IsFresh(nowMs);
        if (isTold)
        {
            leftOut = isKnown ? Math.Clamp(place.LeftOut, 0, int.MaxValue) : 0;
            place = new Place { Key = key, ToldMs = nowMs };
        }
        else
        {
            place.LeftOut = Math.Clamp(place.LeftOut, 0, int.MaxValue) + 1;
        }

        _ = Libc.Pwrite(file.Number, MemoryMarshal.AsBytes(new ReadOnlySpan<Place>(in place)), (long)index * Unsafe.SizeOf<Place>());
        return isTold;
    }

    /// <summary>Where a kind of lines is, or is to be. When all places were used within the last minute, it counts as the kind that is where it should be.</summary>
    private static int Find(ReadOnlySpan<Place> places, ulong key, long nowMs, out bool isKnown)
    {
        int free = -1;
        for (int i = 0; i < places.Length; i++)
        {
            if (places[i].Key == key)
            {
                isKnown = true;
                return i;
            }

            if (!places[i].IsFresh(nowMs) && (free < 0 || places[i].ToldMs < places[free].ToldMs))
            {
                free = i;
            }
        }

        isKnown = free < 0;
        return isKnown ? (int)(key % (ulong)places.Length) : free;
    }

    /// <summary>A hash (FNV-1a) of a text, never 0.</summary>
    public static ulong KeyOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ulong hash = Basis;
        foreach (char character in text)
        {
            hash = Add(hash, character);
        }

        return hash == 0 ? 1 : hash;
    }

    /// <summary>The same of event and words.</summary>
    private static ulong KeyOf(HookEvent what, string line)
    {
        ulong hash = Add(Basis, (char)what);
        for (int start = 0; start < line.Length;)
        {
            int end = start;
            bool hasDigit = false;
            while (end < line.Length && IsOfWord(line[end]))
            {
                hasDigit |= char.IsAsciiDigit(line[end++]);
            }

            end = Math.Max(end, start + 1); // what is of no word stands for itself
            foreach (char character in hasDigit ? "#" : line.AsSpan(start, end - start))
            {
                hash = Add(hash, character);
            }

            start = end;
        }

        return hash == 0 ? 1 : hash;

        static bool IsOfWord(char character) => char.IsLetterOrDigit(character) || character is '_' or '-' or '.' or ':';
    }

    private static ulong Add(ulong hash, char character) => (hash ^ character) * 1099511628211;

    private FileDescriptor? Open()
    {
        FileDescriptor? file = FileDescriptor.Open(path, Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW | Libc.O_NONBLOCK, out _, OwnersAlone);
        if (file is not null
            && (Libc.Statx(file.Number, "\0"u8, Libc.AT_EMPTY_PATH, Libc.STATX_TYPE, out Libc.StatxBuffer status) < 0 || (status.Mode & Libc.S_IFMT) != Libc.S_IFREG))
        {
            file.Dispose();
            file = null;
        }

        return file;
    }

    /// <summary>What is known of one kind of lines; all zero: nothing.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Place
    {
        public ulong Key;
        public long ToldMs;
        public long LeftOut;

        /// <summary>A time to come is that of another boot.</summary>
        public readonly bool IsFresh(long nowMs) => Key != 0 && ToldMs <= nowMs && nowMs - ToldMs < WindowMs;
    }
}
