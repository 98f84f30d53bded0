using System.Text.Json;

namespace ProcFs.Configuration;

/// <summary>Reads the configuration file: one JSON object, comments allowed. Whatever is not understood is an error, not ignored.</summary>
internal static class ConfigFile
{
    public const string DefaultPath = "/etc/procfs/procfs.json";

    private static readonly JsonDocumentOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <param name="path">The file; null: the default one, if it is there.</param>
    /// <exception cref="Failure">It cannot be read or understood.</exception>
    public static ProcFsConfig Load(string? path)
    {
        string file = path ?? DefaultPath;
        try
        {
            return Parse(File.ReadAllText(file), file);
        }
        catch (IOException exception) when (path is null && exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return new ProcFsConfig();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.WrongUse, $"cannot read the configuration {file}: {exception.Message}");
        }
    }

    public static ProcFsConfig Parse(string text, string file)
    {
        ProcFsConfig config = new();
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, Options);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new Failure(ExitCode.WrongUse, $"{file}: a JSON object is expected, as in {{ \"workers\": 4 }}");
            }

            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (!ConfigKeys.All.TryGetValue(property.Name, out ConfigKeys.Setter? set))
                {
                    throw new Failure(ExitCode.WrongUse, $"{file}: unknown key \"{property.Name}\"; known are {string.Join(", ", ConfigKeys.All.Keys)}");
                }

                if (set(property.Value, ref config) is { } expected)
                {
                    throw new Failure(ExitCode.WrongUse, $"{file}: \"{property.Name}\" must be {expected}, not {property.Value.GetRawText()}");
                }

                config = config.From(property.Name, file);
            }
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, written as an escape: JSON's grammar allows it, no text holds it.
            throw new Failure(ExitCode.WrongUse, $"{file}: a text in it is not valid Unicode; check the \\u escapes");
        }
        catch (JsonException exception)
        {
            throw new Failure(ExitCode.WrongUse, $"{file}, line {exception.LineNumber + 1}: this is not JSON; check commas, quotes and braces there");
        }

        return config;
    }
}
