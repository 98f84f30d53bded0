using System.Globalization;

namespace ProcFs.Bench;

/// <summary>The verb <c>hammer</c>: the init of a container that reads one of its files without a pause for as long as the control page says so.</summary>
internal static class HammerCommand
{
    private const int PollMs = 100; // fifty of them rest while others are measured

    /// <param name="words">The control page, the container's number on it, the paths.</param>
    /// <exception cref="BenchFailure">Too few of them, or a file cannot be read.</exception>
    public static int Run(string[] words)
    {
        if (words is not [string page, string number, _, ..] || !int.TryParse(number, CultureInfo.InvariantCulture, out int slot))
        {
            throw new BenchFailure("hammer takes a control page, a number on it, and files");
        }

        using ControlPage control = new(page);
        TimedFile[] files = [.. words[2..].Select(path => new TimedFile(path))];
        ref long reads = ref control.Reads(slot);
        while (true)
        {
            int command = control.Command;
            if (command == ControlPage.Rest)
            {
                Thread.Sleep(PollMs);
                continue;
            }

            _ = files[command - 1].Read();
            Volatile.Write(ref reads, reads + 1);
        }
    }
}
