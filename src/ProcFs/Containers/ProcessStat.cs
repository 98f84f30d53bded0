using ProcFs.Text;

namespace ProcFs.Containers;

/// <summary>What is needed of a /proc/pid/stat line (proc_pid_stat(5)).</summary>
internal readonly record struct ProcessStat(byte State, long StartTicks)
{
    /// <summary>A scheduler tick in /proc is 10 ms on every architecture served here (USER_HZ 100).</summary>
    public const long TickNs = 10_000_000;

    /// <summary>
    /// Parses from the last ")": the command name before it may hold blanks and parentheses of its own.
    /// (3) state is the first field after it, (22) starttime the twentieth.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ProcessStat stat)
    {
        stat = default;
        int end = text.LastIndexOf((byte)')');
        if (end < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = text[(end + 1)..].TrimEnd((byte)'\n');
        ReadOnlySpan<byte> state = TextLines.NextField(ref rest);
        for (int field = 4; field < 22; field++)
        {
            TextLines.NextField(ref rest);
        }

        if (state.Length != 1 || !NumberText.TryParse(TextLines.NextField(ref rest), out long startTicks))
        {
            return false;
        }

        stat = new ProcessStat(state[0], startTicks);
        return true;
    }

    /// <summary>starttime in ns since boot.</summary>
    public long StartNs => StartTicks > long.MaxValue / TickNs ? long.MaxValue : StartTicks * TickNs;
}
