using System.Text.Json;
using ProcFs.Fuzz.Engine;

namespace ProcFs.Fuzz.Targets;

/// <summary>Compares a config.json with what the wrapper made of it: all members are there, in order, with the same values to the last digit, but for those that were added to.</summary>
internal static class KeptJson
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    /// <param name="before">The input.</param>
    /// <param name="after">What came out.</param>
    /// <param name="member">The member of which something was changed.</param>
    /// <param name="grown">Its members that are arrays with one element more.</param>
    public static void Check(ReadOnlySpan<byte> before, byte[] after, string member, string[] grown)
    {
        using JsonDocument one = Parse(before);
        using JsonDocument other = Parse(after);
        CompareMembers(one.RootElement, other.RootElement, member);
        JsonElement was = Member(one.RootElement, member), isNow = Member(other.RootElement, member);
        foreach (string name in grown)
        {
            Grown(was.ValueKind == JsonValueKind.Object ? Member(was, name) : default, Member(isNow, name), 1);
        }

        if (was.ValueKind == JsonValueKind.Object)
        {
            CompareMembers(was, isNow, grown);
        }
    }

    public static void CheckMounts(ReadOnlySpan<byte> before, byte[] after, int added)
    {
        using JsonDocument one = Parse(before);
        using JsonDocument other = Parse(after);
        CompareMembers(one.RootElement, other.RootElement, "mounts");
        Grown(Member(one.RootElement, "mounts"), Member(other.RootElement, "mounts"), added);
    }

    private static JsonDocument Parse(ReadOnlySpan<byte> text)
    {
        try
        {
            return JsonDocument.Parse(text.ToArray(), Options);
        }
        catch (JsonException exception)
        {
            throw new FuzzDefect("what the wrapper writes is JSON", exception.Message);
        }
    }

    private static void Grown(JsonElement was, JsonElement isNow, int by)
    {
        JsonElement[] before = was.ValueKind == JsonValueKind.Array ? [.. was.EnumerateArray()] : [];
        JsonElement[] now = isNow.ValueKind == JsonValueKind.Array ? [.. isNow.EnumerateArray()] : [];
        FuzzDefect.Unless(now.Length == before.Length + by, "the wrapper adds at the end of what is there");
        for (int i = 0; i < before.Length; i++)
        {
            FuzzDefect.Unless(Same(before[i], now[i]), "the wrapper keeps what is there");
        }
    }

    private static void CompareMembers(JsonElement one, JsonElement other, params string[] except)
    {
        // One that was missing comes last.
        JsonProperty[] before = [.. one.EnumerateObject()], now = [.. other.EnumerateObject()];
        FuzzDefect.Unless(now.Length >= before.Length && now.Length <= before.Length + except.Length, "the wrapper neither drops nor doubles a member");
        for (int i = 0; i < before.Length; i++)
        {
            FuzzDefect.Unless(before[i].Name == now[i].Name, "the wrapper keeps the order of members");
            FuzzDefect.Unless(except.Contains(before[i].Name) || Same(before[i].Value, now[i].Value), "the wrapper keeps what is there", before[i].Name);
        }
    }

    private static bool Same(JsonElement one, JsonElement other)
        => one.ValueKind == other.ValueKind && one.ValueKind switch
        {
            JsonValueKind.Number => one.GetRawText() == other.GetRawText(),
            JsonValueKind.Object => SameMembers([.. one.EnumerateObject()], [.. other.EnumerateObject()]),
            JsonValueKind.Array => one.EnumerateArray().Zip(other.EnumerateArray(), Same).All(same => same) && one.GetArrayLength() == other.GetArrayLength(),
            JsonValueKind.String => SameText(one, other),
            _ => true,
        };

    private static bool SameMembers(JsonProperty[] one, JsonProperty[] other)
        => one.Length == other.Length && one.Zip(other, (a, b) => a.Name == b.Name && Same(a.Value, b.Value)).All(same => same);

    /// <summary>Escaped otherwise it is the same; half a surrogate pair is no text and must be as it stands.</summary>
    private static bool SameText(JsonElement one, JsonElement other)
    {
        try
        {
            return one.GetString() == other.GetString();
        }
        catch (InvalidOperationException)
        {
            return one.GetRawText() == other.GetRawText();
        }
    }

    private static JsonElement Member(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement found) ? found : default;
}
