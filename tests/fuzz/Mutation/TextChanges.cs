namespace ProcFs.Fuzz.Mutation;

/// <summary>Changes of lines, fields and numbers: what is hostile and still of the form that a kernel's file has.</summary>
internal static class TextChanges
{
    public static IReadOnlyList<Change> All { get; } = [.. ByteChanges.All, ChangeNumber, ChangeNumber, LengthenNumber, RepeatLine, RemoveLine, SwapLines, ManyLines, ReplaceField, AddField];

    private static readonly string[] Numbers =
    [
        "0", "1", "2147483647", "2147483648", "4294967295", "4294967296", "9007199254740993", "9223372036854774", "9223372036854775807", "9223372036854775808",
        "18446744073709551615", "18446744073709551616", "-1", "-9223372036854775808", "8191", "8192", "65535", "0.5",
    ];

    private static void ChangeNumber(Mutant mutant)
    {
        if (FindNumber(mutant, out int start, out int length))
        {
            mutant.Replace(start, length, System.Text.Encoding.ASCII.GetBytes(Numbers[mutant.Random.Next(Numbers.Length)]));
        }
    }

    private static void LengthenNumber(Mutant mutant)
    {
        if (FindNumber(mutant, out int start, out _))
        {
            mutant.Insert(start, [.. Enumerable.Repeat((byte)mutant.Random.Next('0', '9' + 1), mutant.Random.Next(3) == 0 ? 20 : 1)]);
        }
    }

    private static void RepeatLine(Mutant mutant)
    {
        (int start, int end) = SomeLine(mutant);
        mutant.Insert(SomeLine(mutant).Start, [.. mutant.Bytes.GetRange(start, end - start)]);
    }

    private static void RemoveLine(Mutant mutant)
    {
        (int start, int end) = SomeLine(mutant);
        mutant.Bytes.RemoveRange(start, end - start);
    }

    private static void SwapLines(Mutant mutant)
    {
        (int start, int end) = SomeLine(mutant);
        byte[] line = [.. mutant.Bytes.GetRange(start, end - start)];
        mutant.Bytes.RemoveRange(start, line.Length);
        mutant.Insert(SomeLine(mutant).Start, line);
    }

    /// <summary>More than any host has.</summary>
    private static void ManyLines(Mutant mutant)
    {
        if (mutant.Random.Next(4) == 0)
        {
            (int start, int end) = SomeLine(mutant);
            byte[] line = [.. mutant.Bytes.GetRange(start, end - start)];
            for (int times = mutant.Random.Next(300); times > 0; times--)
            {
                mutant.Insert(start, line);
            }
        }
    }

    private static void ReplaceField(Mutant mutant)
    {
        int at = mutant.Place();
        int start = at == 0 ? 0 : mutant.Bytes.FindLastIndex(at - 1, IsBetween) + 1;
        int end = mutant.Bytes.FindIndex(at, IsBetween);
        mutant.Replace(start, (end < 0 ? mutant.Length : end) - start, mutant.Word());
    }

    private static void AddField(Mutant mutant)
    {
        int end = mutant.Bytes.FindIndex(mutant.Place(), IsBetween);
        byte[] word = mutant.Word();
        mutant.Insert(end < 0 ? mutant.Length : end, [(byte)' ', .. word]);
    }

    private static (int Start, int End) SomeLine(Mutant mutant)
    {
        int at = mutant.Place();
        int start = at == 0 ? 0 : mutant.Bytes.FindLastIndex(at - 1, character => character == '\n') + 1;
        int end = mutant.Bytes.FindIndex(at, character => character == '\n');
        return (start, end < 0 ? mutant.Length : end + 1);
    }

    private static bool FindNumber(Mutant mutant, out int start, out int length)
    {
        length = 0;
        start = mutant.Bytes.FindIndex(mutant.Place(), IsDigit);
        start = start < 0 ? mutant.Bytes.FindIndex(IsDigit) : start;
        while (start >= 0 && start + length < mutant.Length && IsDigit(mutant.Bytes[start + length]))
        {
            length++;
        }

        return start >= 0;
    }

    private static bool IsDigit(byte character) => character is >= (byte)'0' and <= (byte)'9';

    private static bool IsBetween(byte character) => character is (byte)' ' or (byte)'\n' or (byte)'\t' or (byte)':' or (byte)'=' or (byte)',';
}
