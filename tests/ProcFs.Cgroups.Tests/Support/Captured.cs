using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace ProcFs.Cgroups.Tests.Support;

/// <summary>The texts of the captured hosts: tests/fixtures/README.md.</summary>
internal static class Captured
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(SourceDirectory(), "../../fixtures"));

    public static IReadOnlyList<string> Hosts { get; } =
        [.. Directory.GetDirectories(Root).Where(directory => File.Exists(Path.Combine(directory, "containers.txt"))).Order(StringComparer.Ordinal)];

    /// <summary>All kernel files of the hosts whose path below the host matches, each text once; a kind that fewer hosts have than it must fails.</summary>
    /// <param name="path">A regular expression for the whole path, e.g. <c>sys/fs/cgroup/.*/cpu\.max</c>.</param>
    /// <param name="hosts">How many of the five hosts have such a file.</param>
    public static IReadOnlyCollection<byte[]> Texts(string path, int hosts)
    {
        Regex wanted = new($"^(?:{path})$", RegexOptions.CultureInvariant);
        Dictionary<string, byte[]> texts = new(StringComparer.Ordinal);
        int found = 0;
        foreach (string host in Hosts)
        {
            string[] files = [.. Files(host).Where(file => wanted.IsMatch(file))];
            found += files.Length == 0 ? 0 : 1;
            foreach (byte[] text in files.Select(file => File.ReadAllBytes(Path.Combine(host, file))))
            {
                texts.TryAdd(Convert.ToBase64String(text), text);
            }
        }

        Assert.Equal((5, hosts), (Hosts.Count, found));
        return texts.Values;
    }

    /// <summary>The kernel's files of a host, relative to it.</summary>
    public static IEnumerable<string> Files(string host) => new[] { "proc", "sys" }
        .SelectMany(part => Directory.EnumerateFiles(Path.Combine(host, part), "*", SearchOption.AllDirectories))
        .Select(file => Path.GetRelativePath(host, file))
        .Where(file => !file.Contains("/ns/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    private static string SourceDirectory([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
