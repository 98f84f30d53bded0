using System.Text.Json;
using Microsoft.Extensions.Logging;
using ProcFs.Containers;
using ProcFs.Hook.Hooking;
using ProcFs.Hook.Settings;
using ProcFs.Logging;
using ProcFs.Metrics;

namespace ProcFs.Configuration;

/// <summary>The keys of the configuration file: the only list of them. docs/configuration.md has the same, and a test compares.</summary>
internal static class ConfigKeys
{
    /// <summary>Sets one key; the text says what the value must be when it is not that.</summary>
    public delegate string? Setter(JsonElement value, ref ProcFsConfig config);

    public static IReadOnlyDictionary<string, Setter> All { get; } = new Dictionary<string, Setter>(StringComparer.Ordinal)
    {
        ["workers"] = static (value, ref config) => Number(value, 1, 8, out int number) ?? Set(ref config, config with { Workers = number }),
        ["openFiles"] = static (value, ref config) => Number(value, 16, 1 << 16, out int number) ?? Set(ref config, config with { OpenFiles = number }),
        ["keptDescriptors"] = static (value, ref config) => Number(value, 0, 1 << 20, out int number) ?? Set(ref config, config with { KeptDescriptors = number }),
        ["threadWalkLimit"] = static (value, ref config) => Number(value, 1, 1 << 20, out int number)
            ?? Set(ref config, config with { View = config.View with { MostThreads = number } }),
        ["cpuView"] = static (value, ref config) => Cpus(value, out CpuPolicy policy)
            ?? Set(ref config, config with { View = config.View with { Cpus = policy with { HostNumbers = config.View.Cpus.HostNumbers } } }),
        ["cpuNumbering"] = static (value, ref config) => Word(value, ["virtual", "host"], out int choice)
            ?? Set(ref config, config with { View = config.View with { Cpus = config.View.Cpus with { HostNumbers = choice == 1 } } }),
        ["btime"] = static (value, ref config) => Word(value, ["host", "container"], out int choice)
            ?? Set(ref config, config with { View = config.View with { ContainerBootTime = choice == 1 } }),
        ["swap"] = static (value, ref config) => Word(value, ["show", "hide"], out int choice)
            ?? Set(ref config, config with { View = config.View with { ShowSwap = choice == 0 } }),
        ["memory"] = static (value, ref config) => Memory(value, out long? bytes)
            ?? Set(ref config, config with { View = config.View with { MemoryBytes = bytes } }),
        ["loadavg"] = static (value, ref config) => Word(value, ["on", "off"], out int choice)
            ?? Set(ref config, config with { View = config.View with { LoadAverage = choice == 0 } }),
        ["releaseSeconds"] = static (value, ref config) => Number(value, 0, 3600, out int number)
            ?? Set(ref config, config with { ReleaseAfter = TimeSpan.FromSeconds(number) }),
        ["enable"] = static (value, ref config) => Word(value, HookSettings.EnableWords, out int choice)
            ?? Set(ref config, config with { Enable = (EnableMode)choice }),
        ["runtime"] = static (value, ref config) => value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } runtime
            ? Set(ref config, config with { Runtime = runtime })
            : "the name or path of a runtime",
        ["metrics"] = static (value, ref config) => Address(value, out MetricsAddress? address) ?? Set(ref config, config with { Metrics = address }),
        ["selinuxContext"] = static (value, ref config) => Label(value, out string? label) ?? Set(ref config, config with { SelinuxContext = label }),
        ["logLevel"] = static (value, ref config) => Word(value, ["debug", "info", "warning", "error"], out int choice)
            ?? Set(ref config, config with { LogLevel = (LogLevel)(choice + (int)LogLevel.Debug) }),
        ["logFormat"] = static (value, ref config) => Word(value, ["auto", "text", "journal", "json"], out int choice)
            ?? Set(ref config, config with { LogFormat = (LogFormat)choice }),
    };

    private static string? Number(JsonElement value, int least, int most, out int number)
    {
        number = 0;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out number) && number >= least && number <= most
            ? null
            : $"a whole number from {least} to {most}";
    }

    private static string? Word(JsonElement value, IReadOnlyList<string> words, out int choice)
    {
        choice = value.ValueKind == JsonValueKind.String ? words.ToList().IndexOf(value.GetString()!) : -1;
        return choice >= 0 ? null : "one of \"" + string.Join("\", \"", words) + "\"";
    }

    private static string? Cpus(JsonElement value, out CpuPolicy policy)
    {
        CpuPolicy? parsed = CpuPolicy.Parse(value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        });
        policy = parsed.GetValueOrDefault();
        return parsed is null ? CpuPolicy.Allowed : null;
    }

    private static string? Memory(JsonElement value, out long? bytes)
    {
        bytes = null;
        string? text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        };
        if (text == "limit")
        {
            return null;
        }

        bool isSize = ViewWords.TryParseMemory(text ?? "", out long parsed);
        bytes = isSize ? parsed : null;
        return isSize ? null : "\"limit\", or a number of bytes from 1m up as \"512m\"";
    }

    private static string? Address(JsonElement value, out MetricsAddress? address)
    {
        address = null;
        string? text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        address = text is null or "off" ? null : MetricsAddress.Parse(text);
        return text == "off" || address is not null ? null : "\"off\", " + MetricsAddress.Expected;
    }

    private static string? Label(JsonElement value, out string? label)
    {
        string? text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        label = text == "off" ? null : text;
        return text == "off" || (text is not null && SelinuxLabel.IsLabel(text)) ? null : "\"off\", or " + SelinuxLabel.Expected;
    }

    private static string? Set(ref ProcFsConfig config, ProcFsConfig changed)
    {
        config = changed;
        return null;
    }
}
