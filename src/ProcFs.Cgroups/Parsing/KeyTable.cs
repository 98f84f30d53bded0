using System.Text;

namespace ProcFs.Cgroups.Parsing;

/// <summary>
/// The keys that a reader wants from a "key value" file, numbered in order. Keys are matched whole: <c>file</c> is not
/// <c>file_mapped</c>. Other keys are passed over, because kernels add new ones.
/// </summary>
internal sealed class KeyTable
{
    private readonly byte[][] _keys;

    // Open addressing, at most half full; entries are key numbers plus one.
    private readonly byte[] _slots;

    public KeyTable(params ReadOnlySpan<string> keys)
    {
        _keys = new byte[keys.Length][];
        _slots = new byte[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)keys.Length * 4)];
        for (int i = 0; i < keys.Length; i++)
        {
            _keys[i] = Encoding.ASCII.GetBytes(keys[i]);
            int slot = Hash(_keys[i]) & (_slots.Length - 1);
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & (_slots.Length - 1);
            }

            _slots[slot] = checked((byte)(i + 1));
        }
    }

    /// <summary>The number of keys.</summary>
    public int Count => _keys.Length;

    /// <summary>The number of a key, −1 for one that is not wanted.</summary>
    public int Find(ReadOnlySpan<byte> key)
    {
        for (int slot = Hash(key) & (_slots.Length - 1); _slots[slot] != 0; slot = (slot + 1) & (_slots.Length - 1))
        {
            int number = _slots[slot] - 1;
            if (key.SequenceEqual(_keys[number]))
            {
                return number;
            }
        }

        return -1;
    }

    /// <summary>
    /// Reads "key value" lines. <paramref name="values"/> has one place per key and gets −1 for a key that is missing or has no
    /// readable number. False when such a number was seen (<paramref name="badLine"/>, counted from 1); the others are still valid.
    /// </summary>
    public bool Parse(ReadOnlySpan<byte> text, Span<long> values, out int badLine)
    {
        values.Fill(-1);
        badLine = 0;
        for (int number = 1; TextLines.TryReadLine(ref text, out ReadOnlySpan<byte> line); number++)
        {
            int blank = line.IndexOf((byte)' ');
            int key = blank < 0 ? -1 : Find(line[..blank]);
            if (key < 0)
            {
                continue;
            }

            if (NumberText.TryParse(line[(blank + 1)..], out long value))
            {
                values[key] = value;
            }
            else
            {
                badLine = badLine == 0 ? number : badLine;
            }
        }

        return badLine == 0;
    }

    // The keys of one file differ in length and in their middle and last letters.
    private static int Hash(ReadOnlySpan<byte> key)
        => key.IsEmpty ? 0 : (key.Length * 37) + (key[0] * 5) + (key[key.Length / 2] * 11) + (key[^1] * 3);
}
