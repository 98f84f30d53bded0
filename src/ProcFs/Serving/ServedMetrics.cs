using ProcFs.Hook.Attaching;
using ProcFs.Metrics;
using ProcFs.Registration;
using ProcFs.Text;

namespace ProcFs.Serving;

/// <summary>The metrics of the daemon that this is. For one thread.</summary>
internal sealed class ServedMetrics(DaemonOptions options, StatsFile stats, RegisteredContainers containers)
{
    private readonly StatsSnapshot _counts = new();

    public void Write(TextBuffer output)
    {
        // What is counted of each container is not asked for here, and stays untouched.
        _counts.Load(stats.Bytes[..StatsLayout.SlotsAt]);
        MetricsText.Write(_counts, DaemonState.OfThis(options.Roots.Proc, _counts), Mounts(), output);
    }

    private MountCounts? Mounts()
    {
        try
        {
            ContainerMounts mounts = new(options.Roots.Proc, ConnectionList.Read(options.RunDirectory, options.Roots.Proc, _counts.Header.Connection, MountName.Of(options.Mount)));
            MountCounts sum = default;
            foreach (RegisteredContainer container in containers.All)
            {
                sum += mounts.Look(container.Key.Pid, out _) ?? default;
            }

            return sum;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
