using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace ProcFs.Integration.Tests.Support;

/// <summary>Processes in containers besides the first one, as the host sees them, and what the tests of attach and detach ask about all of them.</summary>
internal static class Inside
{
    private static int _count;

    /// <summary>The container may mount, and make namespaces.</summary>
    public static Action<JsonObject> MayMount { get; } = config =>
    {
        foreach ((_, JsonNode? set) in config["process"]!["capabilities"]!.AsObject())
        {
            set!.AsArray().Add("CAP_SYS_ADMIN");
            set.AsArray().Add("CAP_SETFCAP"); // to be root in a user namespace of its own
        }
    };

    /// <summary>Starts a process that sleeps in a container until that ends.</summary>
    /// <param name="container">Where.</param>
    /// <param name="before">What is called to call it: unshare and its options, or nothing.</param>
    public static int Sleep(OciContainer container, params string[] before)
    {
        // By this number it is found again.
        string time = string.Create(CultureInfo.InvariantCulture, $"{100000 + Interlocked.Increment(ref _count)}.{Environment.ProcessId}");
        container.Shell("\"$@\" </dev/null >/dev/null 2>&1 &", [.. before, "sleep", time]).Ok();
        int pid = 0;
        Assert.True(Pace.Until(10, () => (pid = Processes.WithArgument(time).FirstOrDefault(p => Processes.CommandLine(p) is ["sleep", _])) != 0), $"no process sleeps {time} s");
        return pid;
    }

    /// <summary>MemTotal in KiB, or what came instead, as whoever is in that process's mount namespace reads it.</summary>
    public static string MemTotal(int pid)
    {
        Output read = Child.Run("head", "-n", "1", $"/proc/{Text(pid)}/root/proc/meminfo");
        return read.ExitCode == 0 ? Text(ProcText.Kib(read.Out, "MemTotal")) : read.Error;
    }

    /// <summary>How many mounts lie on a file there.</summary>
    public static int Layers(int pid, string file) => File.ReadLines($"/proc/{Text(pid)}/mountinfo").Count(line => line.Split(' ')[4] == "/" + file);

    /// <summary>The one directory that all files of ours come from there, as "/c/7" or "/common"; they are the ones that are named, or all that are served.</summary>
    public static string Source(int pid, params string[] files)
    {
        IReadOnlyList<(string File, string Root, string Flags)> mounts = Hooked.Mounts(pid);
        Assert.Equal(files.Length == 0 ? ServedTree.Attached : files, mounts.Select(mount => mount.File).Order(StringComparer.Ordinal));
        return Assert.Single(mounts.Select(mount => mount.Root[..^(mount.File.Length + 1)]).Distinct());
    }

    /// <summary>When it was started, in ticks since boot.</summary>
    public static string StartTime(int pid)
    {
        string stat = File.ReadAllText($"/proc/{Text(pid)}/stat");
        const int startTime = 22 - 3; // the first after the name is field 3
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[startTime];
    }

    /// <summary>Says something to a daemon as hooks do, and returns its answer.</summary>
    public static string Ask(string runDirectory, string request)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified) { ReceiveTimeout = (int)Pace.Limit(20).TotalMilliseconds };
        socket.Connect(new UnixDomainSocketEndPoint($"{runDirectory}/control.sock"));
        socket.Send(System.Text.Encoding.UTF8.GetBytes(request + "\n"));
        byte[] answer = new byte[16 << 10];
        return System.Text.Encoding.UTF8.GetString(answer, 0, socket.Receive(answer));
    }

    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
