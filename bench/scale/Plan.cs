namespace ProcFs.Bench;

/// <summary>How much is done.</summary>
/// <param name="Containers">How many there are in the end.</param>
/// <param name="Readers">How many of them have a process that reads.</param>
/// <param name="Hooked">How many get their files by the hook, the others by attach.</param>
/// <param name="LoadSeconds">How long the load is kept up with all of them.</param>
/// <param name="Requests">How many requests in a row, as fast as they can be had.</param>
/// <param name="Starts">How many starts without containers.</param>
/// <param name="IdleSeconds">How long idle servers are watched.</param>
/// <param name="Word">What its result is called.</param>
internal sealed record Plan(int Containers, int Readers, int Hooked, int LoadSeconds, int Requests, int Starts, int IdleSeconds, string Word)
{
    /// <summary>The usual number of containers.</summary>
    public const int Usual = 1000;

    /// <summary>All of it in proportion to the number of containers; less than the usual number is for a quick look.</summary>
    public static Plan For(int containers) => containers >= Usual
        ? new(containers, 200, 200, 60, 1_000_000, 20, 60, containers == Usual ? "scale" : $"scale-{containers}")
        : new(containers, containers / 5, containers / 5, 10, containers * 1000, 5, 20, $"scale-{containers}");

    /// <summary>What a monitoring agent reads of each container.</summary>
    public static IReadOnlyList<string> Files { get; } = ["/proc/meminfo", "/proc/stat", "/proc/cpuinfo", "/proc/uptime", "/proc/diskstats", "/proc/loadavg", "/proc/vmstat"];

    /// <summary>Has no line in a container that did nothing with any disk.</summary>
    public const string MayBeEmpty = "/proc/diskstats";

    /// <summary>With so many containers the load is measured.</summary>
    public IReadOnlyList<int> Sizes => [1, Containers / 10, Containers];
}
