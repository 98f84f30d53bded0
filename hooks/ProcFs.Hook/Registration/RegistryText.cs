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
    private const string EveryFile = "*";

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

            Write(json, "files"u8, entry.Files);
            foreach ((string name, string value) in entry.View)
            {
                json.WriteString(name, value);
            }

            Write(json, "off"u8, entry.Off);

            if (entry.IsDetached)
            {
                json.WriteBoolean("detached"u8, true);
            }

            json.WriteEndObject();
        }

        return text.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<string>? values)
    {
        if (values is not null)
        {
            json.WriteStartArray(name);
            foreach (string value in values)
            {
                json.WriteStringValue(value);
            }

            json.WriteEndArray();
        }
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
        private readonly Dictionary<string, string> _view = new(StringComparer.Ordinal);
        private List<string>? _off;
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
                case "off": Known(name, _off = JsonText.Texts(ref reader)); break;
                case "detached":
                    _isDetached = reader.TokenType == JsonTokenType.True;
                    Known(name, reader.TokenType is JsonTokenType.True or JsonTokenType.False ? name : null);
                    break;
                default:
                    ReadView(ref reader, name);
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
            { _off.Count: > MostFiles } => $"its \"off\" may be at most {MostFiles}",
            { _off: { } off } when !off.TrueForAll(name => name == EveryFile || FileNames.IsPossible(name)) => "its \"off\" must be names as \"proc/meminfo\", or \"*\"",
            _ when _view.FirstOrDefault(choice => choice.Value.Length is 0 or > LongestWord) is { Key: { } choice } => $"its \"{choice}\" must be a word",
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
            View = _view,
            Off = _off,
            IsDetached = _isDetached,
        };

        private void ReadView(ref Utf8JsonReader reader, string name)
        {
            if (Hooking.ViewWords.Find(name) is not null)
            {
                string? value = JsonText.Text(ref reader);
                Known(name, value);
                _view[name] = value ?? "";
            }
        }

        private void Known(string name, object? value)
        {
            if (value is null)
            {
                _wrong.Add(name);
            }
        }
    }
}
