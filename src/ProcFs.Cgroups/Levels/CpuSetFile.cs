namespace ProcFs.Cgroups;

/// <summary>A file with a CPU list. The set is made anew only when the text differs from the last one.</summary>
internal sealed class CpuSetFile(CgroupFile file)
{
    private Parsed? _last;

    /// <summary>Null: no such file, an empty one, or one that makes no sense.</summary>
    public CpuSet? Read()
    {
        if (!file.TryRead(out ReadOnlySpan<byte> text))
        {
            return null;
        }

        Parsed? last = Volatile.Read(ref _last);
        if (last is null || !text.SequenceEqual(last.Text))
        {
            if (!CpuSet.TryParse(text, out CpuSet set))
            {
                file.Report(1, "not a list of CPUs");
            }

            last = new Parsed(text.ToArray(), set.Count == 0 ? null : set);
            Volatile.Write(ref _last, last);
        }

        return last.Set;
    }

    private sealed record Parsed(byte[] Text, CpuSet? Set);
}
