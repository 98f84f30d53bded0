using ProcFs.Cgroups;

namespace ProcFs.Containers;

/// <summary>The processes of a container, up to a bound, in a buffer that grows to what is needed.</summary>
internal static class ProcessIds
{
    public static ReadOnlySpan<int> Read(ContainerCgroups cgroups, int most, ref int[] buffer)
    {
        while (true)
        {
            int count = cgroups.ListProcesses(buffer.AsSpan(0, Math.Min(buffer.Length, most)), out bool truncated);
            // Also truncated when there are too many cgroups; a longer buffer does not help then.
            if (!truncated || count < buffer.Length || buffer.Length >= most)
            {
                return buffer.AsSpan(0, count);
            }

            buffer = new int[Math.Min(most, buffer.Length * 2)];
        }
    }
}
