using System.Text;
using System.Text.Json;
using ProcFs.Text;

namespace ProcFs.Node;

/// <summary>The hook file for CRI-O, as podman has it, too (oci-hooks(5), version 1.0.0).</summary>
internal static class CrioHookFile
{
    /// <summary>What to write.</summary>
    /// <param name="program">The program's path on the node.</param>
    public static string For(string program) => Encoding.UTF8.GetString(JsonText.Format(json =>
    {
        json.WriteStartObject();
        json.WriteString("version", "1.0.0");
        json.WriteStartObject("hook");
        json.WriteString("path", program);
        json.WriteStartArray("args");
        json.WriteStringValue("procfs");
        json.WriteStringValue("hook");
        json.WriteEndArray();
        json.WriteNumber("timeout", 5);
        json.WriteEndObject();
        json.WriteStartObject("when");
        json.WriteBoolean("always", true);
        json.WriteEndObject();
        json.WriteStartArray("stages");
        json.WriteStringValue("createRuntime");
        json.WriteStringValue("poststop");
        json.WriteEndArray();
        json.WriteEndObject();
    }));

    /// <summary>
    /// Whether a file on a node was written by us, in whatever version and for whatever directory: it always runs the hook of a program that <c>procfs node</c>
    /// has put there. JSON has no place for a marker. An empty one was ours before the node lost its power.
    /// </summary>
    public static bool IsOurs(string text)
    {
        if (text.Length == 0)
        {
            return true;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement hook = document.RootElement.GetProperty("hook"), when = document.RootElement.GetProperty("when");
            return hook.GetProperty("path").GetString()?.EndsWith(NodePlaces.ProgramBelow, StringComparison.Ordinal) == true
                && hook.GetProperty("args") is var arguments && arguments.GetArrayLength() >= 2 && arguments[0].ValueEquals("procfs") && arguments[1].ValueEquals("hook")
                && when.GetPropertyCount() == 1 && when.GetProperty("always").GetBoolean();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return false;
        }
    }
}
