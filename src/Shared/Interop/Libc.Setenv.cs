using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// setenv(3)
internal static unsafe partial class Libc
{
    /// <summary>
    /// Sets a variable of the environment that execv(3) hands on: <see cref="Environment.SetEnvironmentVariable(string, string)"/> changes a copy. No other
    /// thread may read the C library's environment meanwhile.
    /// </summary>
    public static int SetEnvironment(string name, string value)
    {
        fixed (byte* variable = PathBytes(name), text = PathBytes(value))
        {
            return (int)Result(setenv(variable, text, 1));
        }
    }

    [LibraryImport(Library)]
    private static partial int setenv(byte* name, byte* value, int overwrite);
}
