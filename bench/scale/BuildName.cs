using ProcFs.Hook;

namespace ProcFs.Bench;

/// <summary>What tells one build of a program from another: its bytes. The same sources are built to the same bytes, as often as anybody does it.</summary>
internal static class BuildName
{
    private const int Digits = 16;

    /// <exception cref="IOException">The program cannot be read.</exception>
    public static string Of(string program) => Sha256.Hex(File.ReadAllBytes(program))[..Digits];
}
