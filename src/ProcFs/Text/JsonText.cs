using System.Text.Json;

namespace ProcFs.Text;

/// <summary>JSON as programs and people read it from standard output or a file: indented, and ended by a newline.</summary>
internal static class JsonText
{
    /// <summary>What is written, as UTF-8.</summary>
    public static byte[] Format(Action<Utf8JsonWriter> write)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true }))
        {
            write(json);
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }
}
