using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ProcFs.Fuse;
using ProcFs.Interop;

namespace ProcFs.Bench;

/// <summary>
/// Counts what servers read from /dev/fuse, by strace: for kernels without trace points of FUSE. A request is known by its own first word, which is
/// the number of bytes that the read returned.
/// </summary>
internal sealed partial class DeviceReads : IDisposable
{
    private const int SmallestRequest = 40; // struct fuse_in_header

    private readonly List<(Process Strace, string File, uint Connection)> _traces = [];

    private DeviceReads()
    {
    }

    /// <summary>Attaches to all of them; null without strace.</summary>
    public static DeviceReads? Start(Site site, IEnumerable<Server> servers)
    {
        if (Child.Run("sh", "-c", "command -v strace").ExitCode != 0)
        {
            return null;
        }

        DeviceReads reads = new();
        foreach (Server server in servers)
        {
            string file = $"{site.Scratch}/strace-{server.Name}";
            Process strace = Child.Start("strace", "-f", "-qq", "-xx", "-s", "8", "-e", "trace=read,readv,splice", "-o", file, "-p", server.Pid.ToString(CultureInfo.InvariantCulture));
            StartedProcesses.Note(site.Scratch, strace.Id);
            reads._traces.Add((strace, file, server.Connection));
            if (!Wait.Until(TimeSpan.FromSeconds(10), () => Directory.GetDirectories($"/proc/{server.Pid}/task").All(t => !Processes.Read($"{t}/status").Contains("TracerPid:\t0\n", StringComparison.Ordinal))))
            {
                reads.Dispose();
                throw new BenchFailure($"strace does not attach to {server.Name} (pid {server.Pid})");
            }
        }

        return reads;
    }

    /// <summary>The requests so far, and the end of counting: connection, opcode, how many.</summary>
    public IReadOnlyDictionary<(uint Connection, string Opcode), int> Count()
    {
        Dictionary<(uint, string), int> counts = [];
        foreach ((Process strace, string file, uint connection) in _traces)
        {
            End(strace);
            foreach (string line in File.ReadLines(file))
            {
                if (OpcodeOf(line) is { } opcode)
                {
                    (uint, string) key = (connection, Connection.NameOf(opcode));
                    counts[key] = counts.GetValueOrDefault(key) + 1;
                }
            }
        }

        return counts;
    }

    /// <summary>The opcode of the request that a line of strace has read; null when it has read something else.</summary>
    internal static int? OpcodeOf(string line)
    {
        if (Line().Match(line) is not { Success: true } match)
        {
            return null;
        }

        byte[] start = Convert.FromHexString(match.Groups[1].Value.Replace("\\x", "", StringComparison.Ordinal));
        return long.TryParse(match.Groups[2].Value, CultureInfo.InvariantCulture, out long length) && length >= SmallestRequest && BinaryPrimitives.ReadUInt32LittleEndian(start) == length
            ? BinaryPrimitives.ReadInt32LittleEndian(start.AsSpan(4))
            : null;
    }

    public void Dispose()
    {
        foreach ((Process strace, _, _) in _traces)
        {
            End(strace);
            strace.Dispose();
        }

        _traces.Clear();
    }

    /// <summary>It lets go of the server.</summary>
    private static void End(Process strace)
    {
        if (!strace.HasExited)
        {
            _ = Libc.Kill(strace.Id, Libc.SIGTERM);
            _ = strace.WaitForExit(5000);
        }
    }

    // 4711  read(7, "\x38\x00…"..., 8192) = 56, or the rest of one: 4711  <... read resumed>"\x38…"..., 8192) = 56
    [GeneratedRegex("""(?:read\w*\(\d+, (?:\[\{iov_base=)?|resumed>(?:\[\{iov_base=)?)"((?:\\x[0-9a-f]{2}){8})".* = (\d+)$""")]
    private static partial Regex Line();
}
