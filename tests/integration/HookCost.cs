using System.Globalization;
using System.Text.Json.Nodes;

namespace ProcFs.Integration.Tests;

/// <summary>What the hook costs a start: the same container with and without it, in turns, from runc's start to its end.</summary>
[Trait("run", "long")]
public sealed class HookCost(ServedTree tree, ITestOutputHelper output)
{
    private const int Runs = 50;

    // In turns, so that whatever else the machine does falls on both; measured by Python, whose way to start a child is short.
    private const string Script =
        """
        import os, statistics, sys, time
        count, root, plain, hooked = int(sys.argv[1]), *sys.argv[2:5]
        times = {plain: [], hooked: []}
        null = os.open("/dev/null", os.O_RDWR)
        quiet = [(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, null, 1)]
        for run in range(count):
            for bundle in (plain, hooked) if run % 2 else (hooked, plain):
                command = ["runc", "--root", root, "run", "--bundle", bundle, f"procfs-test-cost-{os.getpid()}-{run}"]
                start = time.perf_counter()
                _, status = os.waitpid(os.posix_spawnp("runc", command, os.environ, file_actions=quiet), 0)
                times[bundle].append((time.perf_counter() - start) * 1000)
                if status: sys.exit(f"runc: status {status}")
        for bundle in (plain, hooked):
            print(statistics.median(times[bundle]), sorted(times[bundle])[count * 9 // 10])
        """;

    [Fact]
    public void A_container_starts_no_later_to_speak_of()
    {
        using OciContainer plain = tree.Run(new() { IsBare = true }), hooked = tree.Run(Hooked.With(new(), tree.RunDirectory));
        int count = Math.Max(5, Pace.Count(Runs));
        string[] bundles = [Once(plain, "plain"), Once(hooked, "hooked")];
        string[] lines = [.. ProcText.Lines(Child.RunFor(Pace.Limit(120),
            ["/usr/bin/python3", "-c", Script, count.ToString(CultureInfo.InvariantCulture), tree.NewDirectory("state-cost"), .. bundles]).Ok())];
        double[][] medianAndTenth = [.. lines.Select(line => line.Split(' ').Select(word => double.Parse(word, CultureInfo.InvariantCulture)).ToArray())];
        double difference = medianAndTenth[1][0] - medianAndTenth[0][0];
        // build.sh prints lines like this one.
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"measured: runc run /bin/true: without the hook {medianAndTenth[0][0]:0.0} ms (median; 90 % {medianAndTenth[0][1]:0.0}), with it {medianAndTenth[1][0]:0.0} ms (90 % {medianAndTenth[1][1]:0.0}), difference {difference:0.0} ms; {count} runs each, in turns"));

        Assert.Equal("", string.Join(' ', Hooked.Registered(tree.RunDirectory).Select(Path.GetFileName).Where(name => name!.StartsWith("procfs-test-cost", StringComparison.Ordinal))));
        // Wide: the machine may do other things. A start that is twice as slow is not to be missed.
        Assert.True(difference < Math.Max(medianAndTenth[0][0], Pace.Limit(0.05).TotalMilliseconds), $"{difference} ms more than {medianAndTenth[0][0]} ms");
    }

    /// <summary>A bundle for the same container that does nothing and ends.</summary>
    private string Once(OciContainer container, string name)
    {
        JsonNode config = JsonNode.Parse(File.ReadAllText($"{container.Bundle}/config.json"))!;
        config["process"]!["args"] = Hooked.Words("/bin/true");
        config["linux"]!["cgroupsPath"] = $"{TestCgroup.Parent}/cost-{name}";
        string bundle = tree.NewDirectory($"bundle-{name}");
        File.WriteAllText($"{bundle}/config.json", config.ToJsonString());
        return bundle;
    }
}
