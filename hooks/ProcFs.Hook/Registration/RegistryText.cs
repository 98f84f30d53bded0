using System.Buffers;
using System.Text.Json;
using ProcFs.Hook.Reading;

namespace ProcFs.Hook.Registration;

/// <summary>A registry entry as JSON. Members that are not known are left alone, so that a later version can add some.</summary>
internal static class RegistryText
{
    private const int Version = 1;
    private const int LongestId = 1024;
    private const int LongestWord = 64;
    private const int MostFiles = 256;

    public static byte[] Format(RegistryEntry entry)
    {
        ArrayBufferWriter<byte> text = new(512);
        using (Utf8JsonWriter json = new(text))
        {
            json.WriteStartObject();
            json.WriteNumber("version"u8, Version);
            json.WriteString("id"u8, entry.Id);
            json.WriteNumber("pid"u8, entry.Pid);
            json.WriteNumber("startTime"u8, entry.StartTime);
            json.WriteString("source"u8, entry.Source);
            if (entry.Bundle is { } bundle)
            {
                json.WriteString("bundle"u8, bundle);
            }

            if (entry.Files is { } files)
            {
                json.WriteStartArray("files"u8);
                foreach (string file in files)
                {
                    json.WriteStringValue(file);
                }

                json.WriteEndArray();
            }

            if (entry.CpuView is { } cpu)
            {
                json.WriteString("cpu"u8, cpu);
            }

            if (entry.IsDetached)
            {
                json.WriteBoolean("detached"u8, true);
            }

            json.WriteEndObject();
        }

        return text.WrittenSpan.ToArray();
    }

    /// <returns>Null when it is no entry; then <paramref name="defect"/> says why, without the path.</returns>
    public static RegistryEntry? Parse(ReadOnlySpan<byte> text, out string defect)
    {
        Fields fields = new();
        defect = JsonText.ReadObject(text, fields.Read) ?? fields.Defect() ?? "";
        return defect.Length > 0 ? null : fields.Entry();
    }

    private sealed class Fields
    {
        private readonly List<string> _wrong = [];
        private long? _version;
        private string? _id;
        private long? _pid;
        private ulong? _startTime;
        private string? _source;
        private string? _bundle;
        private List<string>? _files;
        private string? _cpu;
        private bool _isDetached;

        public void Read(ref Utf8JsonReader reader, string name)
        {
            switch (name)
            {
                case "version": _version = JsonText.Number(ref reader); break;
                case "id": _id = JsonText.Text(ref reader); break;
                case "pid": _pid = JsonText.Number(ref reader); break;
                case "startTime": _startTime = reader.TokenType == JsonTokenType.Number && reader.TryGetUInt64(out ulong ticks) ? ticks : null; break;
                case "source": _source = JsonText.Text(ref reader); break;
                case "bundle": Known(name, _bundle = JsonText.Text(ref reader)); break;
                case "files": Known(name, _files = JsonText.Texts(ref reader)); break;
                case "cpu": Known(name, _cpu = JsonText.Text(ref reader)); break;
                case "detached":
                    _isDetached = reader.TokenType == JsonTokenType.True;
                    Known(name, reader.TokenType is JsonTokenType.True or JsonTokenType.False ? name : null);
                    break;
            }
        }

        /// <summary>The first thing that is wrong; null: nothing.</summary>
        public string? Defect() => this switch
        {
            { _version: null } => "it has no \"version\"",
            { _version: not Version } => $"it is of version {_version}, this program knows version {Version}",
            { _wrong: [string name, ..] } => $"its \"{name}\" is of another kind than it should be",
            { _id: null or "" } or { _id.Length: > LongestId } => $"its \"id\" must be a text of 1 to {LongestId} characters",
            { _pid: null or < 1 or > int.MaxValue } => "its \"pid\" must be a number above 0",
            { _startTime: null } => "its \"startTime\" must be a number",
            { _source: null or "" } or { _source.Length: > LongestWord } => "its \"source\" must be a word",
            { _bundle: { } bundle } when !bundle.StartsWith('/') || bundle.Contains('\0') => "its \"bundle\" must be an absolute path",
            { _files.Count: > MostFiles } => $"its \"files\" may be at most {MostFiles}",
            { _files: { } files } when !files.TrueForAll(FileNames.IsPossible) => "its \"files\" must be names as \"proc/meminfo\"",
            { _cpu: "" } or { _cpu.Length: > LongestWord } => "its \"cpu\" must be a word",
            _ => null,
        };

        public RegistryEntry Entry() => new()
        {
            Id = _id!,
            Pid = (int)_pid!,
            StartTime = _startTime!.Value,
            Source = _source!,
            Bundle = _bundle,
            Files = _files,
            CpuView = _cpu,
            IsDetached = _isDetached,
        };

        private void Known(string name, object? value)
        {
            if (value is null)
            {
                _wrong.Add(name);
            }
        }
    }
}
