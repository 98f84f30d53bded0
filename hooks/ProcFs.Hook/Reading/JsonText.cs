using System.Text.Json;

namespace ProcFs.Hook.Reading;

/// <summary>
/// Reads one JSON object member by member, whoever wrote it. What is not JSON, not UTF-8 or nested too deep makes one sentence, never an
/// exception for the caller.
/// </summary>
internal static class JsonText
{
    /// <summary>config.json nests 6 levels; a reader that allows any depth can be made to run out of stack.</summary>
    private const int MostDepth = 64;

    /// <summary>Stands on a member's value and reads it, or leaves it: then it is skipped with all that is in it.</summary>
    public delegate void Member(ref Utf8JsonReader reader, string name);

    /// <summary>Goes over the members of a text that is one object.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="member">Called for each.</param>
    /// <param name="isConfiguration">A file that people write: comments, and a comma after the last element, are allowed.</param>
    /// <returns>Null when all of it was understood, else what is wrong, as "it is not JSON, at line 1 byte 12".</returns>
    public static string? ReadObject(ReadOnlySpan<byte> json, Member member, bool isConfiguration = false)
    {
        Utf8JsonReader reader = new(json, new JsonReaderOptions
        {
            MaxDepth = MostDepth,
            CommentHandling = isConfiguration ? JsonCommentHandling.Skip : JsonCommentHandling.Disallow,
            AllowTrailingCommas = isConfiguration,
        });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return "it is not a JSON object";
            }

            ReadMembers(ref reader, member);
            _ = reader.Read(); // throws when something follows
            return null;
        }
        catch (JsonException exception)
        {
            return reader.CurrentDepth >= MostDepth - 1
                ? $"it is nested deeper than {MostDepth} levels"
                : $"it is not JSON, at line {exception.LineNumber + 1} byte {exception.BytePositionInLine + 1}";
        }
        catch (InvalidOperationException)
        {
            return "a text in it is not valid Unicode"; // bytes that are not UTF-8, or half a surrogate pair
        }
    }

    /// <summary>Goes over the members of the object that the reader stands on.</summary>
    public static void ReadMembers(ref Utf8JsonReader reader, Member member)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            int depth = reader.CurrentDepth;
            long start = reader.TokenStartIndex;
            member(ref reader, name);
            if (reader.TokenStartIndex == start && reader.CurrentDepth == depth)
            {
                reader.Skip();
            }
        }
    }

    /// <summary>Goes over the elements of the array that the reader stands on.</summary>
    public static void ReadElements(ref Utf8JsonReader reader, Member element)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            int depth = reader.CurrentDepth;
            long start = reader.TokenStartIndex;
            element(ref reader, "");
            if (reader.TokenStartIndex == start && reader.CurrentDepth == depth)
            {
                reader.Skip();
            }
        }
    }

    /// <summary>The text that the reader stands on; null when it is something else.</summary>
    public static string? Text(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.String ? reader.GetString() : null;

    /// <summary>The whole number that the reader stands on; null when it is something else, or too large.</summary>
    public static long? Number(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long value) ? value : null;

    /// <summary>The texts of the array that the reader stands on; anything else in it is left out. Null when it is no array.</summary>
    public static List<string>? Texts(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return null;
        }

        List<string> texts = [];
        ReadElements(ref reader, (ref item, _) =>
        {
            if (Text(ref item) is { } text)
            {
                texts.Add(text);
            }
        });
        return texts;
    }
}
