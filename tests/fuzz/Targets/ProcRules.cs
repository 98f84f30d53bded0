using System.Buffers.Text;
using ProcFs.Fuzz.Engine;
using ProcFs.Text;

namespace ProcFs.Fuzz.Targets;

/// <summary>
/// What a served text keeps to, whatever the host's files say: whole lines, no negative number, none that does not fit, none that neither the container's
/// cgroup nor a line that docs/fields names accounts for.
/// </summary>
/// <param name="host">The files as they are now.</param>
internal sealed class ProcRules(FileTree host)
{
    // Of the container: its limit of memory, and of memory and swap together.
    private const long LimitKb = 524288;
    private const long MostKb = 2 * LimitKb;

    // 65536 CPUs for as long as the container's clock can say, in ticks of 10 ms.
    private const long MostTicks = 1L << 45;

    private static readonly System.Buffers.SearchValues<byte> BitmapCharacters = System.Buffers.SearchValues.Create("0123456789abcdef,"u8);

    /// <summary>The kernel's own constants, and what is the host's where the container has no limit of its own (docs/fields/meminfo.md).</summary>
    private static readonly string[] OfHost = ["VmallocTotal:", "Hugepagesize:", "HugePages_Total:", "HugePages_Free:", "Hugetlb:"];

    public void Check(string name, ReadOnlySpan<byte> text)
    {
        string file = name[(name.LastIndexOf(' ') + 1)..];
        bool isOfProcess = char.IsAsciiDigit(name[0]);
        // What a process can be that its own files say nothing sensible of: one in the root of all hierarchies.
        if (isOfProcess && text.SequenceEqual(Host(file)))
        {
            return;
        }

        switch (file)
        {
            case "proc/meminfo": EachLine(name, text, isOfProcess ? AnyMeminfo : Meminfo, isOfProcess); break;
            case "proc/stat": EachLine(name, text, Stat, isOfProcess); break;
            case "proc/swaps": EachNumber(name, text, 0, isOfProcess ? long.MaxValue : LimitKb); break;
            case "proc/diskstats": EachLine(name, text, (file, line) => EachNumber(file, line, 3, isOfProcess ? long.MaxValue : 4096), isOfProcess); break;
            case "proc/vmstat": EachLine(name, text, (file, line) => EachNumber(file, line, 1, isOfProcess ? long.MaxValue : MostKb / 4), isOfProcess); break;
            case "proc/loadavg": Loadavg(name, text); break;
            case "proc/uptime": EachNumber(name, text, 0, long.MaxValue); break;
            case "proc/cpuinfo": Cpuinfo(name, text); break;
            default: Other(name, text); break;
        }
    }

    private byte[] Host(string file) => host.Paths.Contains(file) ? File.ReadAllBytes(host.At(file)) : [];

    private static void Meminfo(string name, ReadOnlySpan<byte> line)
    {
        int colon = line.IndexOf((byte)':');
        FuzzDefect.Unless(colon > 0, "each line of meminfo has a name");
        string label = System.Text.Encoding.Latin1.GetString(line[..(colon + 1)]);
        long most = label == "CommitLimit:" || OfHost.Contains(label) ? long.MaxValue : MostKb;
        EachNumber(name, line[(colon + 1)..], 0, most);
    }

    private static void AnyMeminfo(string name, ReadOnlySpan<byte> line) => EachNumber(name, line[(line.IndexOf((byte)':') + 1)..], 0, long.MaxValue);

    private static void Stat(string name, ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("btime "u8))
        {
            EachNumber(name, line, 1, long.MaxValue);
            return;
        }

        EachNumber(name, line, 1, MostTicks);
    }

    private static void Loadavg(string name, ReadOnlySpan<byte> text)
    {
        FuzzDefect.Unless(text.Count((byte)' ') == 4 && text.Count((byte)'/') == 1 && text.Count((byte)'\n') == 1, "loadavg has five fields", name);
        EachNumber(name, text, 0, int.MaxValue);
    }

    /// <summary>Each line is the host's next one, or one of those that are computed.</summary>
    private void Cpuinfo(string name, ReadOnlySpan<byte> shown)
    {
        ReadOnlySpan<byte> left = Host("proc/cpuinfo");
        while (TextLines.TryReadLine(ref shown, out ReadOnlySpan<byte> line))
        {
            FuzzDefect.Unless(TryFind(ref left, line), "a line of cpuinfo is the host's, or one that is computed", name);
        }
    }

    private static bool TryFind(ref ReadOnlySpan<byte> host, scoped ReadOnlySpan<byte> line)
    {
        while (TextLines.TryReadLine(ref host, out ReadOnlySpan<byte> original))
        {
            int colon = original.IndexOf((byte)':');
            if (line.SequenceEqual(original) || (colon > 0 && IsComputed(line, original[..colon])))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsComputed(ReadOnlySpan<byte> line, ReadOnlySpan<byte> key)
    {
        int colon = line.IndexOf((byte)':');
        if (line.StartsWith("processor "u8) && key.StartsWith("processor "u8) && colon > 0)
        {
            return NumberText.TryParse(line[10..colon], out long cpu) && cpu <= ushort.MaxValue;
        }

        return colon == key.Length && line.StartsWith(key) && line[(colon + 1)..].StartsWith(" "u8) && NumberText.TryParse(line[(colon + 2)..], out long number) && number <= ushort.MaxValue + 1;
    }

    private static void Other(string name, ReadOnlySpan<byte> text)
    {
        switch (name.Split(' ')[0])
        {
            case "Mask":
                FuzzDefect.Unless(text.EndsWith("\n"u8) && !text[..^1].ContainsAnyExcept(BitmapCharacters), "a bitmap of CPUs is hexadecimal", name);
                break;
            case "List":
                FuzzDefect.Unless(ProcFs.Cgroups.CpuSet.TryParse(text, out ProcFs.Cgroups.CpuSet set) && set.Count > 0, "a list of CPUs is one", name);
                break;
        }
    }

    private delegate void Line(string name, ReadOnlySpan<byte> line);

    /// <param name="name">The text's.</param>
    /// <param name="text">The text.</param>
    /// <param name="check">What each line keeps to.</param>
    /// <param name="mayBeHosts">A line that the host has is right.</param>
    private void EachLine(string name, ReadOnlySpan<byte> text, Line check, bool mayBeHosts)
    {
        FuzzDefect.Unless(text.IsEmpty || text[^1] == '\n', "a text ends with its last line", name);
        byte[] hosts = mayBeHosts ? Host(name[(name.LastIndexOf(' ') + 1)..]) : [];
        while (TextLines.TryReadLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (hosts.AsSpan().IndexOf(line) < 0 || line.IsEmpty)
            {
                check(name, line);
            }
        }
    }

    /// <summary>The fields that look like numbers, after those that the host names.</summary>
    private static void EachNumber(string name, ReadOnlySpan<byte> line, int skip, long most)
    {
        for (int field = 0; TextLines.NextField(ref line) is { IsEmpty: false } word; field++)
        {
            if (field < skip || word[0] is not ((byte)'-' or (>= (byte)'0' and <= (byte)'9')))
            {
                continue;
            }

            bool isNumber = Utf8Parser.TryParse(word, out long number, out _);
            FuzzDefect.Unless(isNumber && number >= 0, "a number that is shown is not negative and fits", name);
            FuzzDefect.Unless(number <= most, "a number that is shown is the container's", name);
        }
    }
}
