using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Containers;
using ProcFs.Files;
using ProcFs.Host;
using ProcFs.Serving;
using ProcFs.Text;

namespace ProcFs.Tests;

/// <summary>Captured hosts, each container and each file, against files that were reviewed.</summary>
public sealed class GoldenTests
{
    public static TheoryData<string, string, string> EveryHostContainerAndFile =>
        [.. from host in Hosts() from container in Containers(host) from entry in ProcFiles.All
            where !entry.File.OnlyIfHostHas || File.Exists(Path.Combine(Fixtures.Root, host, entry.File.Path)) select (host, container.Name, entry.File.Path)];

    [Theory]
    [MemberData(nameof(EveryHostContainerAndFile))]
    public void File_matches_golden(string host, string container, string file)
    {
        int init = Containers(host).Single(known => known.Name == container).InitPid;
        Golden.AssertEqual(Path.Combine(Fixtures.Root, host, "golden", container, Path.GetFileName(file)), Render(host, init, file));
    }

    [Theory]
    [MemberData(nameof(EveryHostContainerAndFile))]
    public void Every_process_of_a_container_sees_the_same(string host, string container, string file)
    {
        string expected = Render(host, Containers(host).Single(known => known.Name == container).InitPid, file);
        foreach (string line in File.ReadLines(Path.Combine(Fixtures.Root, host, "processes.txt")))
        {
            string[] fields = line.Split(' ');
            if (fields[1] == container)
            {
                Assert.Equal(expected, Render(host, int.Parse(fields[0], System.Globalization.CultureInfo.InvariantCulture), file));
            }
        }
    }

    [Fact]
    public void All_five_captured_hosts_are_there() => Assert.Equal(["hybrid-6.1", "hybrid-6.18", "v1-6.1", "v2-6.1", "v2-6.12"], Hosts());

    internal static IEnumerable<string> Hosts()
        => Directory.EnumerateDirectories(Fixtures.Root).Where(directory => File.Exists(Path.Combine(directory, "containers.txt")))
            .Select(directory => Path.GetFileName(directory)!).Order(StringComparer.Ordinal);

    private static IEnumerable<(string Name, int InitPid)> Containers(string host)
        => File.ReadLines(Path.Combine(Fixtures.Root, host, "containers.txt")).Select(line => line.Split(' '))
            .Select(fields => (fields[0], int.Parse(fields[1], System.Globalization.CultureInfo.InvariantCulture)));

    private static string Render(string host, int pid, string file)
    {
        string root = Path.Combine(Fixtures.Root, host);
        using ViewService views = new(HostRoots.From(Path.Combine(root, "proc"), Path.Combine(root, "sys/fs/cgroup")), new ViewOptions(), 256, NullLogger.Instance);
        TextBuffer output = new();
        views.CreateRenderer().Render(ProcFiles.Find(file)!, 0, (uint)pid, output);
        return Encoding.Latin1.GetString(output.Text);
    }
}
