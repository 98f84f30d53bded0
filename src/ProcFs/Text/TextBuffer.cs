using System.Buffers.Text;

namespace ProcFs.Text;

/// <summary>
/// A growing buffer of bytes that kernel-style text is written into. Reused from file to file, so that rendering allocates
/// only while a text is longer than any before it.
/// </summary>
internal sealed class TextBuffer
{
    private const int LongestNumber = 20;

    private byte[] _bytes;

    public TextBuffer(int capacity = 4096) => _bytes = new byte[capacity];

    public int Length { get; private set; }

    public int Capacity => _bytes.Length;

    public ReadOnlySpan<byte> Text => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    /// <summary>Takes characters off the end.</summary>
    public void Shorten(int count) => Length -= count;

    public void Write(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        Length += text.Length;
    }

    public void Write(byte character)
    {
        Room(1)[0] = character;
        Length++;
    }

    /// <summary>A number in decimal, without padding.</summary>
    public void Write(long number)
    {
        Utf8Formatter.TryFormat(number, Room(LongestNumber), out int written);
        Length += written;
    }

    /// <summary>A number right-aligned in <paramref name="width"/> columns; a longer one pushes to the right, like printf's %8d.</summary>
    public void Write(long number, int width)
    {
        Span<byte> digits = stackalloc byte[LongestNumber];
        Utf8Formatter.TryFormat(number, digits, out int length);
        WriteBlanks(width - length);
        Write(digits[..length]);
    }

    /// <summary>A number with at least two digits, like printf's %02d.</summary>
    public void WriteTwoDigits(long number)
    {
        if (number < 10)
        {
            Write((byte)'0');
        }

        Write(number);
    }

    /// <summary>Text followed by blanks up to <paramref name="width"/> columns, like printf's %-16s.</summary>
    public void WritePadded(ReadOnlySpan<byte> text, int width)
    {
        Write(text);
        WriteBlanks(width - text.Length);
    }

    private Span<byte> Room(int bytes)
    {
        if (_bytes.Length - Length < bytes)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + bytes));
        }

        return _bytes.AsSpan(Length);
    }

    private void WriteBlanks(int count)
    {
        if (count > 0)
        {
            Room(count)[..count].Fill((byte)' ');
            Length += count;
        }
    }
}
