using System.Text;
using ProcFs.Children;
using ProcFs.Interop;

namespace ProcFs.Node;

/// <summary>What a program of the node said, and how it ended.</summary>
/// <param name="ExitCode">As a shell gives it; null: it took too long and was ended, or nobody knows.</param>
/// <param name="Output">Both of its outputs, without the line end.</param>
internal sealed record ToolResult(int? ExitCode, string Output);

/// <summary>Runs the node's own programs, each with a time limit.</summary>
internal static class NodeTool
{
    private const int MostOutputBytes = 64 * 1024;

    private static readonly string[] Directories =
    [
        "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin", "/run/current-system/sw/bin", // the last is NixOS's
    ];

    /// <summary>Its path; null: the node has none.</summary>
    public static string? Find(string name) => Directories.Select(directory => $"{directory}/{name}").FirstOrDefault(File.Exists);

    /// <exception cref="Failure">It cannot be started.</exception>
    public static ToolResult Run(IReadOnlyList<string> command, TimeSpan within, string? input = null)
    {
        using FileDescriptor output = Memory(null);
        using FileDescriptor stdin = Memory(input ?? "");
        int pid = Start();
        for (int tries = 0; pid < 0 && Libc.ErrorOf(pid) == Errno.ETXTBSY && tries < 100; tries++)
        {
            Thread.Sleep(10); // another thread's child has the new program open until its own execve
            pid = Start();
        }

        if (pid < 0)
        {
            throw new Failure(ExitCode.Failed, $"cannot run {command[0]}: {Libc.Describe(Libc.ErrorOf(pid))}");
        }

        int Start() => Libc.Spawn(command[0], command, ChildEnvironment.Of(Environment.GetEnvironmentVariables()), [], stdin.Number, output.Number);

        using ChildVerb child = ChildVerb.Of(pid);
        bool hasEnded = child.WaitForEnd(within, out int? exitCode);
        if (!hasEnded)
        {
            _ = Libc.Kill(-pid, Libc.SIGKILL); // with what it started: it leads a group of its own
        }

        byte[] text = new byte[MostOutputBytes];
        nint length = Libc.Pread(output.Number, text, 0);
        return new ToolResult(hasEnded ? exitCode : null, Encoding.UTF8.GetString(text.AsSpan(0, (int)Math.Max(0, length))).TrimEnd('\n'));
    }

    /// <summary>A file without a name, with a text in it, to be read from its beginning.</summary>
    private static FileDescriptor Memory(string? text)
    {
        int number = Libc.MemfdCreate("procfs-node", Libc.MFD_CLOEXEC);
        if (number < 0)
        {
            throw new Failure(ExitCode.Failed, $"cannot make a file in memory: {Libc.Describe(Libc.ErrorOf(number))}");
        }

        FileDescriptor file = new(number);
        if (text is { Length: > 0 })
        {
            File.WriteAllText($"/proc/self/fd/{file.Number}", text); // opened anew: the place to read from stays at the beginning
        }

        return file;
    }
}
