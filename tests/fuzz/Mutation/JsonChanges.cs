using System.Text;
using System.Text.Json;

namespace ProcFs.Fuzz.Mutation;

/// <summary>Changes of JSON that leave it JSON, mostly: members and elements are known by where they begin and end, so that also what no writer writes can be made.</summary>
internal static class JsonChanges
{
    public static IReadOnlyList<Change> All { get; } =
        [.. TextChanges.All, RemoveValue, RepeatValue, ReplaceValue, ReplaceValue, ReplaceByWord, ReplaceByWord, Nest, TakeValue, Quote, Escape];

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1", "1e400", "1.10", "18446744073709551615", "18446744073709551616", "9223372036854775808", "-9223372036854775809", "2147483648", "{}", "[]",
        "\"\"", "\"a\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud83d\\ude00\"", "\"\\n\\r\\t\"", "\"/\"", "\"/proc/../x\"", "[null]", "[[]]", "[{}]", "{\"a\":{\"a\":null}}", "{\"\":1,\"\":2}",
    ];

    private static void RemoveValue(Mutant mutant)
    {
        if (SomeValue(mutant, out int start, out int end))
        {
            mutant.Bytes.RemoveRange(start, end - start);
        }
    }

    /// <summary>With its name and a comma, where it has a name: two members of one name.</summary>
    private static void RepeatValue(Mutant mutant)
    {
        if (SomeValue(mutant, out int start, out int end))
        {
            byte[] all = [.. mutant.Bytes];
            int member = NameBefore(all, start);
            mutant.Insert(member, [.. all[member..end], (byte)',']);
        }
    }

    private static void ReplaceValue(Mutant mutant)
    {
        if (SomeValue(mutant, out int start, out int end))
        {
            mutant.Replace(start, end - start, Encoding.ASCII.GetBytes(Values[mutant.Random.Next(Values.Length)]));
        }
    }

    private static void ReplaceByWord(Mutant mutant)
    {
        if (SomeValue(mutant, out int start, out int end))
        {
            string word = Encoding.UTF8.GetString(mutant.Word());
            mutant.Replace(start, end - start, Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(word)}\""));
        }
    }

    private static void Nest(Mutant mutant)
    {
        if (SomeValue(mutant, out int start, out int end))
        {
            int depth = mutant.Random.Next(4) == 0 ? mutant.Random.Next(55, 70) : 1;
            bool isArray = mutant.Random.Next(2) == 0;
            mutant.Insert(end, Encoding.ASCII.GetBytes(new string(isArray ? ']' : '}', depth)));
            mutant.Insert(start, Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(isArray ? "[" : "{\"a\":", depth))));
        }
    }

    /// <summary>A value of another input in the place of one of this.</summary>
    private static void TakeValue(Mutant mutant)
    {
        byte[] other = mutant.Other();
        List<(int Start, int End)> values = ValuesOf(other);
        if (values.Count > 0 && SomeValue(mutant, out int start, out int end))
        {
            (int from, int to) = values[mutant.Random.Next(values.Count)];
            mutant.Replace(start, end - start, other.AsSpan(from..to));
        }
    }

    private static void Quote(Mutant mutant)
    {
        if (SomeValue(mutant, out int start, out int end))
        {
            mutant.Insert(end, "\""u8);
            mutant.Insert(start, "\""u8);
        }
    }

    /// <summary>The same text in other bytes.</summary>
    private static void Escape(Mutant mutant)
    {
        int at = mutant.Bytes.FindIndex(mutant.Place(), character => char.IsAsciiLetterOrDigit((char)character));
        if (at >= 0)
        {
            mutant.Replace(at, 1, Encoding.ASCII.GetBytes($"\\u{(int)mutant.Bytes[at]:x4}"));
        }
    }

    private static bool SomeValue(Mutant mutant, out int start, out int end)
    {
        List<(int Start, int End)> values = ValuesOf([.. mutant.Bytes]);
        (start, end) = values.Count > 0 ? values[mutant.Random.Next(values.Count)] : default;
        return values.Count > 0;
    }

    /// <summary>Where each value begins and ends, as far as it can be read.</summary>
    private static List<(int Start, int End)> ValuesOf(byte[] json)
    {
        List<(int, int)> values = [];
        Stack<int> open = new();
        Utf8JsonReader reader = new(json, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 100 });
        try
        {
            while (reader.Read())
            {
                int start = (int)reader.TokenStartIndex, end = (int)reader.BytesConsumed;
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject or JsonTokenType.StartArray: open.Push(start); break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray: values.Add((open.Pop(), end)); break;
                    case JsonTokenType.PropertyName: break;
                    default: values.Add((start, end)); break;
                }
            }
        }
        catch (JsonException)
        {
            // What is broken already: what came before the break can still be changed.
        }

        return values;
    }

    private static int NameBefore(byte[] json, int value)
    {
        int colon = value - 1;
        while (colon > 0 && char.IsWhiteSpace((char)json[colon]))
        {
            colon--;
        }

        int quote = colon > 1 && json[colon] == ':' ? Array.LastIndexOf(json, (byte)'"', colon) : -1;
        int name = quote > 0 ? Array.LastIndexOf(json, (byte)'"', quote - 1) : -1;
        return name >= 0 ? name : value;
    }
}
