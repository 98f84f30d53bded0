namespace ProcFs.Cgroups.Parsing;

/// <summary>One line of /proc/pid/cgroup (cgroups(7)): <c>hierarchy-id:controllers:path</c>. The path may contain colons.</summary>
internal readonly ref struct MembershipLine
{
    private MembershipLine(ReadOnlySpan<byte> controllers, ReadOnlySpan<byte> path)
    {
        Controllers = controllers;
        Path = path;
    }

    /// <summary>Comma-separated; empty for v2, <c>name=…</c> for a v1 hierarchy without controllers.</summary>
    public ReadOnlySpan<byte> Controllers { get; }

    /// <summary>Seen from the cgroup namespace of the reader.</summary>
    public ReadOnlySpan<byte> Path { get; }

    /// <summary>Takes the next line off the text; false at its end. A line that is not of this form is passed over.</summary>
    public static bool TryReadNext(ref ReadOnlySpan<byte> text, out MembershipLine result)
    {
        while (TextLines.TryReadLine(ref text, out ReadOnlySpan<byte> line))
        {
            int first = line.IndexOf((byte)':');
            int second = first < 0 ? -1 : line[(first + 1)..].IndexOf((byte)':');
            if (second < 0 || !NumberText.TryParse(line[..first], out int _))
            {
                continue;
            }

            second += first + 1;
            result = new MembershipLine(line[(first + 1)..second], line[(second + 1)..]);
            return true;
        }

        result = default;
        return false;
    }
}
