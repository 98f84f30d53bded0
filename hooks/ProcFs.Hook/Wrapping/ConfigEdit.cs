using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ProcFs.Hook.Wrapping;

/// <summary>Changes the text of a config.json. All that is not ours stays: members nobody here knows, their order, numbers to the last digit.</summary>
internal static class ConfigEdit
{
    private const int TimeoutSeconds = 5;
    private const int MostDepth = 64;

    private static readonly string[] MountFlags = ["bind", "ro", "nosuid", "nodev", "noexec"]; // in a user namespace runc needs all that the source has

    /// <summary>Adds our hook at its two stages, behind those that are there; null when it is there already, also that of another copy of this program.</summary>
    /// <exception cref="JsonException">The text is not as it should be.</exception>
    public static byte[]? AddHooks(ReadOnlySpan<byte> text, string program, IReadOnlyList<string> arguments)
    {
        JsonObject config = Parse(text);
        JsonObject hooks = Member<JsonObject>(config, "hooks");
        if (Has(hooks, "createRuntime", program) || Has(hooks, "prestart", program))
        {
            return null;
        }

        foreach (string stage in (ReadOnlySpan<string>)["createRuntime", "poststop"])
        {
            JsonArray words = [];
            foreach (string argument in arguments)
            {
                words.Add((JsonNode)argument);
            }

            Member<JsonArray>(hooks, stage).Add((JsonNode)new JsonObject { ["path"] = program, ["args"] = words, ["timeout"] = TimeoutSeconds });
        }

        return Format(config);
    }

    /// <summary>Adds binds behind the mounts that are there.</summary>
    /// <param name="text">The config.json.</param>
    /// <param name="source">The directory with the files.</param>
    /// <param name="files">As "proc/meminfo".</param>
    /// <exception cref="JsonException">The text is not as it should be.</exception>
    public static byte[] AddMounts(ReadOnlySpan<byte> text, string source, IReadOnlyList<string> files)
    {
        JsonObject config = Parse(text);
        JsonArray mounts = Member<JsonArray>(config, "mounts");
        foreach (string file in files)
        {
            JsonArray flags = [];
            foreach (string flag in MountFlags)
            {
                flags.Add((JsonNode)flag);
            }

            mounts.Add((JsonNode)new JsonObject { ["destination"] = "/" + file, ["type"] = "bind", ["source"] = $"{source}/{file}", ["options"] = flags });
        }

        return Format(config);
    }

    private static JsonObject Parse(ReadOnlySpan<byte> text)
        => JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = MostDepth }) as JsonObject ?? throw new JsonException("it is not a JSON object");

    /// <summary>An object's member, made when it is missing or null.</summary>
    private static T Member<T>(JsonObject node, string name)
        where T : JsonNode
    {
        if (Find(node, name) is { } found)
        {
            return found as T ?? throw new JsonException($"its \"{name}\" is of another kind than it should be");
        }

        T made = (T)(JsonNode)(typeof(T) == typeof(JsonArray) ? new JsonArray() : new JsonObject());
        node[name] = made;
        return made;
    }

    /// <summary>An object's member; null when it is missing or null.</summary>
    private static JsonNode? Find(JsonObject node, string name)
    {
        try
        {
            return node[name];
        }
        catch (ArgumentException)
        {
            throw new JsonException("it has two members of one name, of which runtimes choose as they like");
        }
    }

    private static bool Has(JsonObject hooks, string stage, string program)
    {
        if (Find(hooks, stage) is JsonArray entries)
        {
            foreach (JsonNode? entry in entries)
            {
                if (entry is JsonObject hook && (Text(Find(hook, "path")) == program || IsOurs(Find(hook, "args"))))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>By its words: another copy of this program has another path.</summary>
    private static bool IsOurs(JsonNode? arguments)
        => arguments is JsonArray { Count: >= 2 } words && Text(words[0]) == "procfs" && Text(words[1]) == "hook";

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static byte[] Format(JsonObject config)
    {
        ArrayBufferWriter<byte> text = new(16 * 1024);
        using (Utf8JsonWriter writer = new(text, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            config.WriteTo(writer);
        }

        return text.WrittenSpan.ToArray();
    }
}
