using System.Text;

namespace ProcFs.Fuzz.Mutation;

/// <summary>
/// An input that is several files: a line <c>%% path</c>, and the text up to the next such line. What stands before the first one belongs to no file.
/// </summary>
internal static class Sections
{
    private static readonly byte[] Mark = "%% "u8.ToArray();

    public static byte[] Format(IEnumerable<(string Path, byte[] Text)> files)
    {
        using MemoryStream input = new();
        foreach ((string path, byte[] text) in files)
        {
            input.Write(Mark);
            input.Write(Encoding.UTF8.GetBytes(path));
            input.WriteByte((byte)'\n');
            input.Write(text);
            // Of a text without a last line end the mark of the next one must begin a line all the same.
            input.WriteByte((byte)'\n');
        }

        return input.ToArray();
    }

    /// <summary>The files of an input, in order. A text has the line end that belongs to the next mark taken off.</summary>
    public static List<(string Path, byte[] Text)> Parse(ReadOnlySpan<byte> input)
    {
        List<(string, byte[])> files = [];
        while (IndexOfMark(input) is var mark and >= 0)
        {
            input = input[(mark + Mark.Length)..];
            int line = input.IndexOf((byte)'\n');
            if (line < 0)
            {
                break;
            }

            string path = Encoding.UTF8.GetString(input[..line]);
            input = input[(line + 1)..];
            int next = IndexOfMark(input);
            ReadOnlySpan<byte> text = next < 0 ? input : input[..next];
            files.Add((path, (text.EndsWith("\n"u8) ? text[..^1] : text).ToArray()));
        }

        return files;
    }

    /// <summary>The changes of texts, and of which texts there are.</summary>
    public static IReadOnlyList<Change> ChangesFor(IReadOnlyList<string> paths) =>
    [
        .. TextChanges.All,
        Remove,
        mutant => Rename(mutant, paths),
        mutant => Add(mutant, paths),
    ];

    private static void Remove(Mutant mutant)
    {
        List<(string Path, byte[] Text)> files = Parse([.. mutant.Bytes]);
        if (files.Count > 1)
        {
            files.RemoveAt(mutant.Random.Next(files.Count));
            mutant.Replace(0, mutant.Length, Format(files));
        }
    }

    /// <summary>A text in the place of another file.</summary>
    private static void Rename(Mutant mutant, IReadOnlyList<string> paths)
    {
        List<(string Path, byte[] Text)> files = Parse([.. mutant.Bytes]);
        if (files.Count > 0)
        {
            int index = mutant.Random.Next(files.Count);
            files[index] = (paths[mutant.Random.Next(paths.Count)], files[index].Text);
            mutant.Replace(0, mutant.Length, Format(files));
        }
    }

    /// <summary>A file of another input, or one that is empty or a word.</summary>
    private static void Add(Mutant mutant, IReadOnlyList<string> paths)
    {
        List<(string Path, byte[] Text)> files = Parse(mutant.Other());
        (string Path, byte[] Text) added = files.Count > 0 && mutant.Random.Next(3) > 0
            ? files[mutant.Random.Next(files.Count)]
            : (paths[mutant.Random.Next(paths.Count)], mutant.Random.Next(2) == 0 ? [] : mutant.Word());
        mutant.Insert(mutant.Length, Format([added]));
    }

    private static int IndexOfMark(ReadOnlySpan<byte> input)
    {
        if (input.StartsWith(Mark))
        {
            return 0;
        }

        int at = input.IndexOf("\n%% "u8);
        return at < 0 ? -1 : at + 1;
    }
}
