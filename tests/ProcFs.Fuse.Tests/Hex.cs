namespace ProcFs.Fuse.Tests;

/// <summary>Bytes written as hex digits with blanks wherever they help, one field or a few per line, each line with a // comment.</summary>
internal static class Hex
{
    public static byte[] Bytes(string annotated)
    {
        List<byte> bytes = [];
        foreach (string line in annotated.Split('\n'))
        {
            string digits = line.Split("//")[0].Replace(" ", "", StringComparison.Ordinal).Trim();
            bytes.AddRange(Convert.FromHexString(digits));
        }

        return [.. bytes];
    }
}
