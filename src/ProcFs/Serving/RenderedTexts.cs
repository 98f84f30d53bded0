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
    private const int Places = 512; // a power of two
    private const int FilesOfOne = 32;
    private const int LongestText = 256 * 1024;
    private const int MostBytes = 4 * 1024 * 1024;
    private const int Grain = 512;

    private readonly Place[] _places = [.. Enumerable.Range(0, Places).Select(_ => new Place())];
    private readonly Dictionary<IProcFile, int> _order = ProcFiles.All.Select((entry, i) => (entry.File, i)).ToDictionary();
    private int _bytes;

    public bool IsOn => reuseNs > 0;

    /// <summary>Appends the text that was made for this view in the last moment. False: there is none, and it has to be made.</summary>
    /// <param name="file">The file.</param>
    /// <param name="view">Whose.</param>
    /// <param name="nowNs">The time, in ns since boot.</param>
    /// <param name="output">Where to.</param>
    /// <param name="turn">For <see cref="Finish"/>.</param>
    public bool TryWrite(IProcFile file, CallerView view, long nowNs, TextBuffer output, out long turn)
    {
        turn = 0;
        if (!IsOn)
        {
            return false;
        }

        Place place = PlaceOf(file, view);
        lock (place)
        {
            turn = place.Turn;
            long age = nowNs - place.MadeAtNs;
            bool isFresh = age >= 0 && age < reuseNs && place.Is(file, view);
            if (isFresh)
            {
                output.Write(place.Bytes.AsSpan(0, place.Length));
            }

            return isFresh;
        }
    }

    /// <summary>
    /// Keeps a text that was made, if no other was finished since it was begun. Two that are made at the same time say nothing about which of them is
    /// newer; so the one that is finished first is everybody's, and takes the other's place in its output: no reader ever sees a counter fall.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="view">Whose.</param>
    /// <param name="turn">What <see cref="TryWrite"/> said before it was begun.</param>
    /// <param name="begunAtNs">When that was, in ns since boot.</param>
    /// <param name="output">Holds the text.</param>
    /// <param name="start">Where it starts there.</param>
    public void Finish(IProcFile file, CallerView view, long turn, long begunAtNs, TextBuffer output, int start)
    {
        if (!IsOn)
        {
            return;
        }

        Place place = PlaceOf(file, view);
        lock (place)
        {
            ReadOnlySpan<byte> text = output.Text[start..];
            if (place.Turn == turn)
            {
                bool isKept = !text.IsEmpty && text.Length <= LongestText && HasRoom(place, text.Length);
                place.File = isKept ? file : null;
                if (isKept)
                {
                    text.CopyTo(place.Bytes);
                    place.Length = text.Length;
                    place.Container = view.Container.Id;
                    place.IsHostProcess = view.IsHostProcess;
                    place.MadeAtNs = begunAtNs;
                }
            }
            else if (place.Is(file, view))
            {
                output.Shorten(text.Length);
                output.Write(place.Bytes.AsSpan(0, place.Length));
                return;
            }

            // This one goes out, kept or not: what is in the making is not to be kept after it.
            place.Turn++;
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

        /// <summary>How many texts were finished here.</summary>
        public long Turn;

        public bool Is(IProcFile file, CallerView view)
            => ReferenceEquals(File, file) && Container == view.Container.Id && IsHostProcess == view.IsHostProcess;
    }
}
