using ProcFs.Containers;
using ProcFs.Files;
using ProcFs.Text;

namespace ProcFs.Serving;

/// <summary>
/// Texts that were just made, for whoever asks for the same file of the same container in the next moment. Shared by all workers;
/// bounded, so a text may be gone at any time.
/// </summary>
/// <param name="reuseNs">For how long a text serves; 0: never.</param>
internal sealed class RenderedTexts(long reuseNs)
{
    private const int Places = 256; // a power of two
    private const int FilesOfOne = 16;
    private const int LongestText = 256 * 1024;
    private const int MostBytes = 4 * 1024 * 1024;
    private const int Grain = 512;

    private readonly Place[] _places = [.. Enumerable.Range(0, Places).Select(_ => new Place())];
    private readonly Dictionary<IProcFile, int> _order = ProcFiles.All.Select((entry, i) => (entry.File, i)).ToDictionary();
    private int _bytes;

    public bool IsOn => reuseNs > 0;

    /// <summary>Appends the text that was made for this view in the last moment. False: there is none.</summary>
    /// <param name="file">The file.</param>
    /// <param name="view">Whose.</param>
    /// <param name="nowNs">The time, in ns since boot.</param>
    /// <param name="output">Where to.</param>
    public bool TryWrite(IProcFile file, CallerView view, long nowNs, TextBuffer output)
    {
        Place place = PlaceOf(file, view);
        lock (place)
        {
            long age = nowNs - place.MadeAtNs;
            bool isFresh = age >= 0 && age < reuseNs && place.Is(file, view);
            if (isFresh)
            {
                output.Write(place.Bytes.AsSpan(0, place.Length));
            }

            return isFresh;
        }
    }

    /// <summary>Keeps a text. One that was begun before the one that is there is older, and is not kept.</summary>
    /// <param name="file">The file.</param>
    /// <param name="view">Whose.</param>
    /// <param name="begunAtNs">When its facts began to be read, in ns since boot.</param>
    /// <param name="text">The text; an empty one is a failure, and not kept.</param>
    public void Keep(IProcFile file, CallerView view, long begunAtNs, ReadOnlySpan<byte> text)
    {
        if (!IsOn || text.IsEmpty || text.Length > LongestText)
        {
            return;
        }

        Place place = PlaceOf(file, view);
        lock (place)
        {
            // Whosever the newer one is: what was there before it may have been this file's, and newer as well.
            if (place.MadeAtNs > begunAtNs)
            {
                return;
            }

            if (!HasRoom(place, text.Length))
            {
                place.File = null;
                place.MadeAtNs = begunAtNs;
                return;
            }

            text.CopyTo(place.Bytes);
            place.Length = text.Length;
            place.File = file;
            place.Container = view.Container.Id;
            place.IsHostProcess = view.IsHostProcess;
            place.MadeAtNs = begunAtNs;
        }
    }

    private bool HasRoom(Place place, int length)
    {
        int more = ((length + Grain - 1) / Grain * Grain) - place.Bytes.Length;
        if (more <= 0)
        {
            return true;
        }

        if (Interlocked.Add(ref _bytes, more) > MostBytes)
        {
            Interlocked.Add(ref _bytes, -more);
            return false;
        }

        place.Bytes = new byte[place.Bytes.Length + more];
        return true;
    }

    private Place PlaceOf(IProcFile file, CallerView view)
    {
        // The files of a container lie in a row: they never get in each other's way.
        long first = view.Container.Id * FilesOfOne;
        return _places[(int)(first + _order[file]) & (Places - 1)];
    }

    private sealed class Place
    {
        public byte[] Bytes = [];
        public int Length;
        public IProcFile? File;
        public long Container;
        public bool IsHostProcess;
        public long MadeAtNs;

        public bool Is(IProcFile file, CallerView view)
            => ReferenceEquals(File, file) && Container == view.Container.Id && IsHostProcess == view.IsHostProcess;
    }
}
