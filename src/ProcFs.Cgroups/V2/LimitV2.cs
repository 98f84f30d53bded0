using ProcFs.Cgroups.Parsing;

namespace ProcFs.Cgroups.V2;

/// <summary>Reads a v2 limit: bytes, or <c>max</c> for none.</summary>
internal static class LimitV2
{
    /// <summary>Null: no limit, also where the file is missing or makes no sense; <paramref name="present"/> tells the first two apart.</summary>
    public static long? Read(CgroupFile file, out bool present)
    {
        present = file.TryRead(out ReadOnlySpan<byte> text);
        if (!present)
        {
            return null;
        }

        if (!LimitText.TryParseV2(text, out long? limit))
        {
            file.Report(1, "neither 'max' nor a number that fits 63 bits");
        }

        return limit;
    }
}
