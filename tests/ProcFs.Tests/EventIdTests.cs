using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using ProcFs.Hook.Output;
using ProcFs.Logging;

namespace ProcFs.Tests;

/// <summary>docs/logs.md and the code tell of the same events. Alerts go by the ids.</summary>
public sealed partial class EventIdTests
{
    private static readonly LoggerMessageAttribute[] Events =
    [
        .. new[] { typeof(LogSetup).Assembly, typeof(Fuse.Connection).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
            .OfType<LoggerMessageAttribute>(),
    ];

    [Fact]
    public void Each_event_has_an_id_of_its_own()
    {
        Assert.InRange(Events.Length, 100, 1000);
        Assert.Empty(Events.Where(e => e.EventId is < 1000 or > 1999).Select(e => e.Message));
        Assert.Empty(Events.Select(e => e.EventId).Concat([EventIds.Dropped, EventIds.LeftOut]).Concat(Enum.GetValues<HookEvent>().Select(what => (int)what)).GroupBy(id => id).Where(same => same.Count() > 1).Select(same => same.Key));
    }

    [Fact]
    public void The_documentation_has_each_event_with_its_level_and_sentence()
    {
        string[] documented = [.. Row().Matches(File.ReadAllText(Path.Combine(Fixtures.Repository, "docs/logs.md"))).Select(row => $"{row.Groups[1]} {row.Groups[2]} {row.Groups[3]}")];
        // What a hook says depends on the call: its lines have no one template.
        string[] own =
        [
            $"{EventIds.Dropped} warning ", $"{EventIds.LeftOut} warning ",
            .. Enum.GetValues<HookEvent>().Select(what => $"{(int)what} {(what >= HookEvent.WrongUse ? "warning" : "information")} "),
        ];
        Assert.All(own, row => Assert.Single(documented, line => line.StartsWith(row, StringComparison.Ordinal)));
        Assert.Equal(
            Events.Select(e => $"{e.EventId} {LevelOf(e.Level)} {e.Message}").Order(StringComparer.Ordinal),
            documented.Where(row => !own.Any(id => row.StartsWith(id, StringComparison.Ordinal))).Order(StringComparer.Ordinal));
        Assert.Equal(own.Length + Events.Length, documented.Length);
    }

    /// <summary>The generator writes out declarations by their hash codes, and with two of a class the compiled class would be another each time.</summary>
    [Fact]
    public void Each_class_has_its_events_in_one_declaration()
    {
        (string Class, string File)[] declarations =
        [
            .. new[] { "src", "hooks" }
                .SelectMany(room => Directory.EnumerateFiles(Path.Combine(Fixtures.Repository, room), "*.cs", SearchOption.AllDirectories))
                .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
                .SelectMany(file => Declaration().Matches(File.ReadAllText(file)).Select(match => (match.Groups["class"].Value, file)))
                .Distinct(),
        ];

        Assert.InRange(declarations.Length, 30, 200);
        Assert.Empty(declarations.GroupBy(declaration => declaration.Class).Where(same => same.Count() > 1).Select(same => string.Join(", ", same)));
    }

    private static string LevelOf(LogLevel level) => level.ToString().ToLowerInvariant();

    // | 1101 | information | `serving {Mount} with {Workers} workers` |
    [GeneratedRegex(@"^\| ([0-9]+) \| (\w+) \| `([^`]*)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    // The class that was begun last before the attribute.
    [GeneratedRegex(@"^ *(?:\w+ )*partial (?:class|struct|record) (?<class>\w+)(?:(?!^ *(?:\w+ )*partial (?:class|struct|record) ).)*?^ *\[LoggerMessage\(", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Declaration();
}
