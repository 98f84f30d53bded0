using ProcFs.Text;

namespace ProcFs.Tree;

/// <summary>Buffers for the few texts that are too long for the table (cpuinfo of a large host); some wait here for the next one.</summary>
internal sealed class LongTexts
{
    private const int MostKept = 8;
    private const int LongestKept = 1024 * 1024;

    private readonly Stack<TextBuffer> _kept = new(MostKept);

    public TextBuffer Rent()
    {
        lock (_kept)
        {
            return _kept.TryPop(out TextBuffer? text) ? text : new TextBuffer();
        }
    }

    public void Return(TextBuffer text)
    {
        lock (_kept)
        {
            if (_kept.Count < MostKept && text.Capacity <= LongestKept)
            {
                _kept.Push(text);
            }
        }
    }
}
