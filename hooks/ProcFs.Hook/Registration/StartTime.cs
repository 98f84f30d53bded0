using System.Globalization;
using ProcFs.Interop;
using ProcFs.Text;

namespace ProcFs.Hook.Registration;

/// <summary>When a process was started: with its pid that names one process and no other until the next boot.</summary>
public static class StartTime
{
    private const int FieldsBetween = 19; // after the name: (3) state to (21) itrealvalue

    /// <summary>Reads (22) starttime of stat, in clock ticks since boot; false when there is no such process (any more).</summary>
    /// <param name="procRoot">The procfs of the host that has the containers.</param>
    /// <param name="pid">In that procfs's pid namespace.</param>
    /// <param name="startTime">0 when the result is false.</param>
    public static bool TryRead(string procRoot, int pid, out ulong startTime)
    {
        startTime = 0;
        string path = string.Create(CultureInfo.InvariantCulture, $"{procRoot}/{pid}/stat");
        using FileDescriptor? file = FileDescriptor.Open(path, Libc.O_RDONLY | Libc.O_NONBLOCK, out _);
        Span<byte> text = stackalloc byte[2048]; // 52 numbers and a name of at most 64 bytes
        nint length = file is null ? 0 : Libc.Read(file.Number, text);
        return length > 0 && TryParse(text[..(int)length], out startTime);
    }

    /// <summary>Whether the process with this number is the one that was started then, and no later one.</summary>
    /// <param name="procRoot">The procfs of the host that has the containers.</param>
    /// <param name="pid">In that procfs's pid namespace.</param>
    /// <param name="startTime">In clock ticks since boot.</param>
    public static bool IsStill(string procRoot, int pid, ulong startTime) => TryRead(procRoot, pid, out ulong found) && found == startTime;

    /// <summary>The same of the text: from the last ")" on, as the name before it may hold blanks and parentheses of its own.</summary>
    public static bool TryParse(ReadOnlySpan<byte> stat, out ulong startTime)
    {
        startTime = 0;
        int name = stat.LastIndexOf((byte)')');
        ReadOnlySpan<byte> rest = name < 0 ? default : stat[(name + 1)..].TrimEnd((byte)'\n');
        for (int i = 0; i < FieldsBetween; i++)
        {
            TextLines.NextField(ref rest);
        }

        bool isNumber = NumberText.TryParse(TextLines.NextField(ref rest), out long ticks);
        startTime = (ulong)ticks;
        return isNumber;
    }
}
