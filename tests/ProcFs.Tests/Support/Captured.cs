using System.Text.RegularExpressions;

namespace ProcFs.Tests.Support;

/// <summary>The texts of the captured hosts: tests/fixtures/README.md.</summary>
internal static class Captured
{
    public static IReadOnlyList<string> Hosts { get; } = [.. GoldenTests.Hosts().Select(host => Path.Combine(Fixtures.Root, host))];

    /// <summary>All files of the hosts' proc and sys whose path matches, each text once. Every host has some.</summary>
    /// <param name="path">A regular expression for the whole path below the host.</param>
    public static IReadOnlyCollection<byte[]> Texts(string path)
    {
        Regex wanted = new($"^(?:{path})$", RegexOptions.CultureInvariant);
        Dictionary<string, byte[]> texts = new(StringComparer.Ordinal);
        Assert.Equal(5, Hosts.Count);
        foreach (string host in Hosts)
        {
            string[] files = [.. Files(host).Where(file => wanted.IsMatch(file))];
            Assert.NotEmpty(files);
            foreach (byte[] text in files.Select(file => File.ReadAllBytes(Path.Combine(host, file))))
            {
                texts.TryAdd(Convert.ToBase64String(text), text);
            }
        }

        return texts.Values;
    }

    private static IEnumerable<string> Files(string host) => new[] { "proc", "sys/devices", "sys/kernel" }
        .SelectMany(part => Directory.EnumerateFiles(Path.Combine(host, part), "*", SearchOption.AllDirectories))
        .Select(file => Path.GetRelativePath(host, file))
        .Where(file => !file.Contains("/ns/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);
}
