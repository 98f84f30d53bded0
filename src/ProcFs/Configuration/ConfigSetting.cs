using System.Text.Json;

namespace ProcFs.Configuration;

/// <summary>One key of the configuration on the command line: --set KEY=VALUE. It counts before the file's.</summary>
internal static class ConfigSetting
{
    /// <summary>The configuration with these settings.</summary>
    /// <param name="config">What the file says.</param>
    /// <param name="settings">"cpuView=cpuset", "workers=2"; of two with one key the later one counts.</param>
    /// <exception cref="Failure">One of them is no setting.</exception>
    public static ProcFsConfig Apply(ProcFsConfig config, IEnumerable<string> settings)
    {
        foreach (string setting in settings)
        {
            int sign = setting.IndexOf('=', StringComparison.Ordinal);
            string key = sign < 0 ? setting : setting[..sign];
            if (sign < 0 || !ConfigKeys.All.TryGetValue(key, out ConfigKeys.Setter? set))
            {
                throw new Failure(ExitCode.WrongUse, sign < 0
                    ? $"--set must be KEY=VALUE, as in cpuView=cpuset, not \"{setting}\""
                    : $"--set: unknown key \"{key}\"; known are {string.Join(", ", ConfigKeys.All.Keys)}");
            }

            string text = setting[(sign + 1)..];
            using JsonDocument value = Value(text);
            if (set(value.RootElement, ref config) is { } expected)
            {
                throw new Failure(ExitCode.WrongUse, $"--set: \"{key}\" must be {expected}, not \"{text}\"");
            }

            config = config.From(key, "--set");
        }

        return config;
    }

    /// <summary>A number as such, everything else as a text.</summary>
    private static JsonDocument Value(string text)
    {
        bool isNumber = text.Length is > 0 and < 10 && text.All(char.IsAsciiDigit) && (text[0] != '0' || text.Length == 1);
        return JsonDocument.Parse(isNumber ? text : $"\"{JsonEncodedText.Encode(text)}\"");
    }
}
