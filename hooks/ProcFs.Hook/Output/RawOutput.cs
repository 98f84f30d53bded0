using System.Text;
using ProcFs.Interop;

namespace ProcFs.Hook.Output;

/// <summary>Writes text to a descriptor: the Console class would cost more time than all the rest of a hook.</summary>
internal static class RawOutput
{
    public const int StandardOutput = 1;
    public const int StandardError = 2;

    /// <summary>As much as is taken at once; nobody can be told that it was less.</summary>
    public static void Write(int descriptor, string text)
    {
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(text);
        while (!rest.IsEmpty && Libc.Write(descriptor, rest) is > 0 and nint written)
        {
            rest = rest[(int)written..];
        }
    }
}
