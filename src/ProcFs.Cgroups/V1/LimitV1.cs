using ProcFs.Cgroups.Parsing;

namespace ProcFs.Cgroups.V1;

/// <summary>Reads a v1 limit: bytes, "none" being a number near 2^63.</summary>
internal static class LimitV1
{
    /// <summary>Null: no limit, also where the file is missing or makes no sense; <paramref name="present"/> tells the first two apart.</summary>
    public static long? Read(CgroupFile file, out bool present)
    {
        present = file.TryRead(out ReadOnlySpan<byte> text);
        if (!present)
        {
            return null;
        }

        if (!LimitText.TryParseV1(text, out long? limit))
        {
            file.Report(1, "not a number that fits 63 bits");
        }

        return limit;
    }
}
