using System.Collections;
using System.Globalization;
using ProcFs.Handover;

namespace ProcFs.Children;

/// <summary>The environment of what we start: ours, without what was meant for us alone.</summary>
internal static class ChildEnvironment
{
    /// <summary>Tells a verb that a daemon, keeper or supervisor has started it, and nobody by hand. No option: after an upgrade the program that is started may be of another version, which would refuse that.</summary>
    private const string OfService = "PROCFS_OF_SERVICE";

    private static readonly HashSet<string> Ours = new(StringComparer.Ordinal)
    {
        "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PID", OfService,
    };

    /// <summary>Whether this process has <see cref="ForService"/>.</summary>
    public static bool IsOfService => Environment.GetEnvironmentVariable(OfService) == "1";

    /// <summary>Of a verb that the service starts.</summary>
    /// <inheritdoc cref="Of(IDictionary)"/>
    public static List<string> ForService(IDictionary current) => [.. Of(current), OfService + "=1"];

    /// <summary>Of a child that has no manager.</summary>
    /// <param name="current">What we have ourselves.</param>
    public static List<string> Of(IDictionary current)
    {
        List<string> environment = [];
        foreach (DictionaryEntry variable in current)
        {
            if (variable.Key is string name && !Ours.Contains(name))
            {
                environment.Add($"{name}={variable.Value}");
            }
        }

        return environment;
    }

    /// <summary>Of a supervised server: with us as its manager.</summary>
    /// <param name="current">What we have ourselves.</param>
    /// <param name="notifySocket">Where we listen.</param>
    /// <param name="watchdog">How often it has to say that it is alive, at the least.</param>
    /// <param name="isHandedOver">Whether it gets device and journal, as 3 and 4.</param>
    public static List<string> Of(IDictionary current, string notifySocket, TimeSpan watchdog, bool isHandedOver)
    {
        List<string> environment = Of(current);
        environment.Add("NOTIFY_SOCKET=" + notifySocket);
        environment.Add(string.Create(CultureInfo.InvariantCulture, $"WATCHDOG_USEC={watchdog.Ticks / TimeSpan.TicksPerMicrosecond}"));
        if (isHandedOver)
        {
            environment.Add("LISTEN_FDS=2");
            environment.Add($"LISTEN_FDNAMES={DescriptorNames.Device}:{DescriptorNames.Journal}");
        }

        return environment;
    }
}
