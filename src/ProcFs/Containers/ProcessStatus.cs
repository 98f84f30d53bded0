using ProcFs.Text;

namespace ProcFs.Containers;

/// <summary>What is needed of /proc/pid/status (proc_pid_status(5)). A missing line is zero.</summary>
internal readonly record struct ProcessStatus(byte State, int ParentPid, int Threads, int NamespacePid, int NamespaceDepth)
{
    /// <summary>Never fails: a status without the lines has none of the values.</summary>
    /// <param name="text">The file.</param>
    /// <param name="depth">
    /// Which number of the NSpid line is wanted: 1 is the reader's namespace, 0 the innermost. With fewer numbers the process is not
    /// in that namespace, and has none there.
    /// </param>
    public static ProcessStatus Parse(ReadOnlySpan<byte> text, int depth = 0)
    {
        ProcessStatus status = default;
        while (TextLines.TryReadLine(ref text, out ReadOnlySpan<byte> line))
        {
            ReadOnlySpan<byte> key = TextLines.NextField(ref line);
            if (key.SequenceEqual("State:"u8))
            {
                ReadOnlySpan<byte> state = TextLines.NextField(ref line);
                status = status with { State = state.IsEmpty ? (byte)0 : state[0] };
            }
            else if (key.SequenceEqual("PPid:"u8))
            {
                status = status with { ParentPid = Number(ref line) };
            }
            else if (key.SequenceEqual("Threads:"u8))
            {
                status = status with { Threads = Number(ref line) };
            }
            else if (key.SequenceEqual("NSpid:"u8))
            {
                status = WithNamespacePid(status, line, depth);
            }
        }

        return status;
    }

    private static ProcessStatus WithNamespacePid(ProcessStatus status, ReadOnlySpan<byte> numbers, int depth)
    {
        int found = 0;
        int pid = 0;
        for (ReadOnlySpan<byte> field = TextLines.NextField(ref numbers); !field.IsEmpty; field = TextLines.NextField(ref numbers))
        {
            found++;
            if (NumberText.TryParse(field, out long number) && number <= int.MaxValue && (depth == 0 || found <= depth))
            {
                pid = (int)number;
            }
        }

        return status with { NamespacePid = found >= depth ? pid : 0, NamespaceDepth = found };
    }

    private static int Number(scoped ref ReadOnlySpan<byte> line) => (int)Math.Min(int.MaxValue, TextLines.NextNumber(ref line));
}
