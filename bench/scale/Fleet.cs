using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using ProcFs.Interop;

namespace ProcFs.Bench;

/// <summary>Many containers of runc. Some have a process that reads when it is told to; in the others one sleeps.</summary>
internal sealed class Fleet : IDisposable
{
    private const int AtOnce = 4;
    private const string Inside = "/run/scale";
    private const string ProgramInside = "/run/procfs-bench-scale";

    private readonly Site _site;
    private readonly Plan _plan;
    private readonly string _shared;
    private readonly ConcurrentDictionary<int, Container> _containers = [];

    public Fleet(Site site, Plan plan)
    {
        _site = site;
        _plan = plan;
        _shared = site.NewDirectory("shared");
    }

    /// <summary>In the order of their numbers.</summary>
    public IReadOnlyList<Container> All => [.. _containers.OrderBy(c => c.Key).Select(c => c.Value)];

    /// <summary>How many of them read.</summary>
    public int Readers => Math.Min(_containers.Count, _plan.Readers);

    /// <summary>Starts containers until there are so many; the new ones.</summary>
    public IReadOnlyList<Container> GrowTo(int count)
    {
        int before = _containers.Count;
        Parallel.For(before, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, number => _containers[number] = Start(number));
        return [.. All.Skip(before)];
    }

    /// <summary>Has the first few of the readers read, and waits for what they found.</summary>
    /// <param name="readers">How many.</param>
    /// <param name="intervalNs">Between two rounds of one of them; 0: none. They begin one after the other within such a time.</param>
    /// <param name="rounds">How many rounds each.</param>
    /// <exception cref="BenchFailure">One of them does not come to an end.</exception>
    public ReadTimes Read(int readers, long intervalNs, int rounds)
    {
        const long soon = 1_000_000_000;
        long begin = Libc.ClockNanoseconds(Libc.CLOCK_MONOTONIC) + soon;
        for (int reader = 0; reader < readers; reader++)
        {
            File.Delete(Result(reader));
            Tell(reader, ReaderProcess.Line(begin + (intervalNs * reader / readers), intervalNs, rounds));
        }

        TimeSpan limit = TimeSpan.FromSeconds(60) + TimeSpan.FromTicks(intervalNs * rounds / 100) + TimeSpan.FromMilliseconds(rounds * Plan.Files.Count);
        Samples times = new();
        int failures = 0;
        for (int reader = 0; reader < readers; reader++)
        {
            if (!Wait.Until(limit, () => File.Exists(Result(reader))))
            {
                throw new BenchFailure($"the reader in container {reader} has not finished in {limit.TotalSeconds:0} s");
            }

            IEnumerable<long> found = ReaderProcess.TimesOf(File.ReadAllBytes(Result(reader)), out int failed);
            foreach (long time in found)
            {
                times.Add(time);
            }

            failures += failed;
        }

        return new ReadTimes(times, failures);
    }

    /// <summary>What a runtime says of a container to its hooks.</summary>
    public static byte[] StateOf(Container container) => System.Text.Encoding.UTF8.GetBytes(new JsonObject
    {
        ["ociVersion"] = "1.0.2",
        ["id"] = container.Id,
        ["status"] = "created",
        ["pid"] = container.Pid,
        ["bundle"] = container.Bundle,
    }.ToJsonString());

    public void Dispose()
    {
        // All at once: the runtime would wait for each of them.
        foreach (Container container in _containers.Values)
        {
            _ = Libc.Kill(container.Pid, Libc.SIGKILL);
        }

        Parallel.ForEach(_containers.Values, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, container => container.Dispose());
    }

    private Container Start(int number)
    {
        // Limits, so that what is shown is the container's own.
        ContainerPlan plan = new() { Memory = 64 << 20, Quota = 150_000 };
        if (number < _plan.Readers)
        {
            _ = Child.Run("mkfifo", Fifo(number)).Ok();
            plan = plan with
            {
                Command = [ProgramInside, "reader", $"{Inside}/{Path.GetFileName(Fifo(number))}", $"{Inside}/{Path.GetFileName(Result(number))}"],
                Binds = [(Environment.ProcessPath!, ProgramInside)],
                Writable = (_shared, Inside),
            };
        }

        return new Container(_site, string.Create(CultureInfo.InvariantCulture, $"c{number}"), plan);
    }

    private string Fifo(int reader) => string.Create(CultureInfo.InvariantCulture, $"{_shared}/{reader}.fifo");

    private string Result(int reader) => string.Create(CultureInfo.InvariantCulture, $"{_shared}/{reader}.times");

    // By a child: whoever opens a FIFO waits for its reader.
    private void Tell(int reader, string line) => _ = Child.Run("sh", "-c", "printf %s \"$2\" >\"$1\"", "sh", Fifo(reader), line).Ok();
}

/// <summary>How long reads took, each a whole file.</summary>
internal sealed record ReadTimes(Samples Times, int Failed);
