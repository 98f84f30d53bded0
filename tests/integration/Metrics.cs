using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

/// <summary>What the daemon counts, by each of the ways to get at it.</summary>
public sealed class Metrics(ServedTree tree) : IDisposable
{
    /// <summary>Parses the exposition on standard input; JSON of all samples by name and labels.</summary>
    private const string Parse = """
        import json, sys
        from prometheus_client.parser import text_string_to_metric_families
        samples = {}
        for family in text_string_to_metric_families(sys.stdin.read()):
            assert family.documentation and family.type in ("gauge", "counter", "histogram"), family
            for sample in family.samples:
                key = sample.name + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items()))
                assert key not in samples, key
                samples[key] = float(sample.value)
        json.dump(samples, sys.stdout)
        """;

    /// <summary>Asks for /metrics at a unix socket or a port, and prints the body of the answer.</summary>
    private const string Fetch = """
        import socket, sys
        place = sys.argv[1]
        if place.startswith("/"):
            peer = socket.socket(socket.AF_UNIX)
            peer.settimeout(20)
            peer.connect(place)
        else:
            host, port = place.rsplit(":", 1)
            peer = socket.create_connection((host.strip("[]"), int(port)), 20)
        peer.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = b""
        while part := peer.recv(65536):
            answer += part
        head, body = answer.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 200 "), head
        assert b"text/plain; version=0.0.4" in head, head
        sys.stdout.write(body.decode())
        """;

    private const string Parser = "/usr/lib/python3/dist-packages/prometheus_client/parser.py";

    private readonly Site _site = new(tree);

    public void Dispose() => _site.Dispose();

    // /procfs-test-N
    //   container-1            memory 64 MiB
    [Fact]
    public void The_socket_the_file_and_the_verb_say_the_same_to_a_parser_of_Prometheus_own()
    {
        Assert.SkipUnless(File.Exists(Parser), "this host has no python3-prometheus-client");
        string socket = $"{_site.RunDirectory}/metrics.sock";
        using Daemon daemon = Daemon.Launch(null, [.. _site.ServeCommand, "--metrics", $"unix:{socket}"]);
        daemon.Expect("metrics are served at");
        using OciContainer container = tree.Run(new() { IsBare = true, Memory = 64 << 20 });
        Child.Run([.. _site.Command("attach"), Inside.Text(container.Pid)]).Ok();
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(64 << 10, ProcText.Kib(container.Read("/proc/meminfo"), "MemTotal"));
        }

        string file = $"{tree.NewDirectory("textfile")}/procfs.prom";
        using (Running again = Child.Start([.. _site.Command("metrics"), "--out", file, "--every", "1"]))
        {
            Assert.True(Pace.Until(15, () => File.Exists(file)), "nothing was written");
            DateTime first = File.GetLastWriteTimeUtc(file);
            Assert.True(Pace.Until(15, () => File.GetLastWriteTimeUtc(file) > first), "it is not written again");
            _ = Syscall.kill(again.Process.Id, Signum.SIGTERM);
            Assert.Equal(0, again.Finish(Pace.Limit(15)).ExitCode);
            Assert.False(File.Exists(file), "a file that nobody writes any more is left");
        }

        _site.Run("metrics", "--out", file).Ok();
        Assert.Equal([file], Directory.GetFiles(Path.GetDirectoryName(file)!));
        foreach (string text in new[] { Scrape(socket), File.ReadAllText(file), _site.Run("metrics").Ok() })
        {
            Dictionary<string, double> samples = Parsed(text);
            Assert.Equal(samples, Samples(text));
            Assert.Equal(1, samples["procfs_up"]);
            Assert.Equal((1, ServedTree.Attached.Length, 0), (samples["procfs_containers"], samples["procfs_container_mounts state=alive"], samples["procfs_container_mounts state=dead"]));
            Assert.InRange(samples["procfs_attaches_total result=changed"], 1, 2); // the daemon's own attach at its start may meet it, too
            Assert.InRange(Meminfo(samples, "made") + Meminfo(samples, "reused"), 5, 100);
            Assert.InRange(Meminfo(samples, "kept"), 5, 100); // each cat looks for the end
            Assert.InRange(samples["procfs_texts_total files=own"], 5, 1000);
            Assert.Equal(samples["procfs_requests_total operation=READ"], samples["procfs_request_duration_seconds_count kind=read"]);
            Assert.True(samples["procfs_request_duration_seconds_bucket kind=read le=+Inf"] >= samples["procfs_request_duration_seconds_bucket kind=read le=0.001"]);
            Assert.InRange(samples["procfs_request_duration_seconds_sum kind=read"], 0.000001, 100);
            Assert.InRange(samples["procfs_resident_memory_bytes"], 1 << 20, 1 << 30);
            Assert.InRange(samples["procfs_start_time_seconds"], 1.7e9, 1e10);
            Assert.Equal(1, samples.Count(sample => sample.Key.StartsWith("procfs_build_info version=", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void A_port_of_this_host_alone_serves_them_too()
    {
        foreach (string host in (string[])["127.0.0.1", "[::1]"])
        {
            if (host == "[::1]" && !Socket.OSSupportsIPv6)
            {
                TestContext.Current.TestOutputHelper?.WriteLine("skipped: this host has no IPv6");
                continue;
            }

            int port = FreePort(host);
            _site.Configure($$"""{ "metrics": "{{host}}:{{port}}" }""");
            using Daemon daemon = Daemon.Launch(null, [.. _site.ServeCommand, "--config", _site.ConfigFile]);
            daemon.Expect("metrics are served at");
            Assert.Equal(1, Samples(Scrape($"{host}:{port}"))["procfs_up"]);
            string listening = Child.Run("sh", "-c", $"cat /proc/net/tcp /proc/net/tcp6 | grep -i ':{port:X4} .* 0A '").Ok();
            Assert.Equal(host == "[::1]" ? "00000000000000000000000001000000" : "0100007F", Assert.Single(ProcText.Lines(listening)).Trim().Split(' ')[1].Split(':')[0]);
        }
    }

    [Fact]
    public void Counters_go_on_over_a_kill_and_there_are_metrics_while_nobody_serves()
    {
        using Daemon supervisor = _site.Supervise();
        for (int i = 0; i < 20; i++)
        {
            _site.AssertServed();
        }

        double before = Texts();
        Assert.InRange(before, 20, 1000);
        Processes.Kill(Assert.Single(_site.Servers));
        supervisor.ExpectLife(2);
        _site.AssertServed();
        Dictionary<string, double> after = Samples(_site.Run("metrics").Ok());
        Assert.True(after["procfs_texts_total files=common"] > before, $"{before} before, {after["procfs_texts_total files=common"]} after");
        Assert.Equal((2, 1, 1), (after["procfs_starts_total"], after["procfs_takeovers_total"], after["procfs_up"]));

        supervisor.Signal(Signum.SIGTERM);
        supervisor.WaitForExit();
        Dictionary<string, double> ended = Samples(_site.Run("metrics").Ok());
        Assert.Equal((0, 2), (ended["procfs_up"], ended["procfs_starts_total"]));
        Assert.True(ended["procfs_texts_total files=common"] >= after["procfs_texts_total files=common"]);
    }

    [Fact]
    public void Before_the_first_daemon_nobody_is_up()
        => Assert.Equal(KeyValuePair.Create("procfs_up", 0.0), Assert.Single(Samples(_site.Run("metrics").Ok())));

    [Fact]
    public void What_cannot_be_written_or_counted_for_a_while_does_not_end_it()
    {
        string directory = tree.NewDirectory("textfile"), file = $"{directory}/procfs.prom";
        using (Daemon daemon = Daemon.Launch(null, _site.ServeCommand))
        {
            _site.AssertServed();
        }

        using Daemon writer = Daemon.Begin(null, [.. _site.Command("metrics"), "--out", file, "--every", "1"]);
        Assert.True(Pace.Until(15, () => File.Exists(file)), "nothing was written");
        Directory.Move(directory, directory + ".gone");
        writer.Expect($"cannot write {file}");
        Directory.CreateDirectory(directory);
        Assert.True(Pace.Until(15, () => File.Exists(file)), "it was not written again");

        File.WriteAllText(Assert.Single(Directory.GetFiles(_site.RunDirectory, "*.stats")), "no counters");
        Output once = _site.Run("metrics");
        Assert.Equal(1, once.ExitCode);
        Assert.Equal(KeyValuePair.Create("procfs_up", 0.0), Assert.Single(Samples(once.Out)));
        Assert.Contains("cannot be used (", Assert.Single(ProcText.Lines(once.Error)), StringComparison.Ordinal);
        File.Delete(file);
        Assert.True(Pace.Until(15, () => File.Exists(file)), "counters that cannot be used ended it");
        Assert.False(writer.HasExited);
        // Not each second; twice when the directory went just while it was writing, which is told in other words.
        Assert.InRange(writer.Lines("cannot write").Count, 1, 2);
    }

    private double Texts() => Samples(_site.Run("metrics").Ok())["procfs_texts_total files=common"];

    private static double Meminfo(Dictionary<string, double> samples, string outcome)
        => samples.GetValueOrDefault($"procfs_reads_total file=proc/meminfo outcome={outcome}");

    /// <summary>What a socket or a port says.</summary>
    internal static string Scrape(string place) => Child.Run("/usr/bin/python3", "-c", Fetch, place).Ok();

    /// <summary>"name label=value …" and the number of each line that is none of the comments.</summary>
    private static Dictionary<string, double> Samples(string text) => ProcText.Lines(text).Where(line => line.Length > 0 && line[0] != '#').ToDictionary(
        line => line[..line.LastIndexOf(' ')].Replace("\"", "", StringComparison.Ordinal).Replace('{', ' ').Replace(',', ' ').TrimEnd('}'),
        line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    private Dictionary<string, double> Parsed(string text)
    {
        string file = $"{tree.NewDirectory("scrape")}/text";
        File.WriteAllText(file, text);
        JsonObject parsed = JsonNode.Parse(Child.Run("sh", "-c", "exec /usr/bin/python3 -c \"$1\" <\"$2\"", "sh", Parse, file).Ok())!.AsObject();
        return parsed.ToDictionary(sample => sample.Key, sample => (double)sample.Value!);
    }

    private static int FreePort(string host)
    {
        using TcpListener listener = new(IPAddress.Parse(host.Trim('[', ']')), 0);
        listener.Start();
        return int.Parse(listener.LocalEndpoint.ToString()!.Split(':')[^1], CultureInfo.InvariantCulture);
    }
}
