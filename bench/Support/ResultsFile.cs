using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace ProcFs.Bench;

/// <summary>Where results are kept: bench/results/DATE-KERNEL-CGROUP[-WORD].json and .md.</summary>
internal static class ResultsFile
{
    /// <param name="machine">Where it was measured.</param>
    /// <param name="word">What sort of run; null for the main one.</param>
    /// <param name="directory">Null: the repository's.</param>
    /// <returns>The path without its ending. An earlier result of the same day, kernel and sort is replaced.</returns>
    public static string Path(Machine machine, string? word = null, string? directory = null) => System.IO.Path.Combine(
        Directory.CreateDirectory(directory ?? System.IO.Path.Combine(Repository.Path, "bench", "results")).FullName,
        string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}-{machine.Kernel}-{machine.Cgroup}{(word is null ? "" : "-" + word)}"));

    /// <summary>JSON text with line ends at the end, as files in a repository have them.</summary>
    public static byte[] Json(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, new JsonWriterOptions { Indented = true }))
        {
            write(writer);
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A number with as many digits as it deserves; null as null.</summary>
    public static void WriteRounded(this Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            writer.WriteNumber(name, Math.Round(number, 3));
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    /// <summary>Writes a machine as an object.</summary>
    public static void WriteMachine(this Utf8JsonWriter writer, string name, Machine machine)
    {
        writer.WriteStartObject(name);
        writer.WriteString("kernel", machine.Kernel);
        writer.WriteString("cpu", machine.Cpu);
        writer.WriteNumber("cpus", machine.Cpus);
        writer.WriteString("cgroup", machine.Cgroup);
        writer.WriteBoolean("emulated", Machine.IsEmulated);
        writer.WriteStartObject("versions");
        foreach ((string program, string version) in machine.Versions)
        {
            writer.WriteString(program, version);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
