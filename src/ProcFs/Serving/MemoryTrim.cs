using System.Globalization;
using ProcFs.Interop;

namespace ProcFs.Serving;

/// <summary>
/// Gives memory back that is not needed any more: what was allocated and dropped (a start, a thousand registrations; steady serving allocates
/// nothing, so the collector would never come), and the pages of the program that only its start has used. Called now and then by one thread.
/// </summary>
internal sealed class MemoryTrim
{
    private const long WorthCollecting = 512 * 1024;

    private long _allocated;
    private bool _isProgramTrimmed;

    /// <summary>Costs nothing while nothing was allocated; else some milliseconds, in which no text is made.</summary>
    public void Look()
    {
        long allocated = GC.GetTotalAllocatedBytes();
        if (allocated - _allocated < WorthCollecting)
        {
            return;
        }

        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _allocated = GC.GetTotalAllocatedBytes();
        if (!_isProgramTrimmed)
        {
            _isProgramTrimmed = true;
            TrimProgram();
        }
    }

    /// <summary>What is needed is mapped again from the page cache at its next use. Without /proc of our own nothing happens.</summary>
    private static void TrimProgram()
    {
        if (Environment.ProcessPath is not { } program || !File.Exists("/proc/self/maps"))
        {
            return;
        }

        // proc_pid_maps(5): 00400000-00452000 r-xp 00000000 08:02 173521 /path. Code alone: what is only readable now may have been written at the start.
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            string[] words = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words.Length == 6 && words[5] == program && words[1] == "r-xp"
                && words[0].Split('-') is [string from, string to]
                && nuint.TryParse(from, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out nuint start)
                && nuint.TryParse(to, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out nuint end))
            {
                _ = Libc.UnmapUnchanged(start, end - start);
            }
        }
    }
}
