using System.Text;
using ProcFs.Fuzz.Engine;
using ProcFs.Fuzz.Mutation;
using ProcFs.Handover;
using ProcFs.Hook;
using ProcFs.Hook.Attaching;
using ProcFs.Hook.Control;
using ProcFs.Hook.Registration;
using ProcFs.Keeping;
using ProcFs.Metrics;
using ProcFs.Registration;
using ProcFs.Serving;
using ProcFs.Triggers;

namespace ProcFs.Fuzz.Targets;

/// <summary>
/// What processes of ours say to each other, on disk and over sockets, of which each may be of another release, or somebody else: entries of the spool, packets
/// of the control socket, the keeper's messages, sd_notify, the table of numbers, the list of connections, what is off, what is written to a pressure file, requests for metrics.
/// </summary>
internal sealed class RegistryTarget : IFuzzTarget
{
    private const string Boot = "11111111-2222-3333-4444-555555555555";

    private readonly string _directory = Directory.CreateTempSubdirectory("procfs-fuzz-").FullName;
    private readonly byte[] _buffer = new byte[KeeperMessage.MaxSize];

    public RegistryTarget()
    {
        Directory.CreateDirectory(Path.Combine(_directory, "proc/sys/kernel/random"));
        File.WriteAllText(Path.Combine(_directory, "proc/sys/kernel/random/boot_id"), Boot + "\n");
    }

    public IReadOnlyList<Change> Changes => JsonChanges.All;

    public int LongestInput => 20 * 1024;

    public IEnumerable<byte[]> Seeds()
    {
        yield return RegistryText.Format(new RegistryEntry
        {
            Id = "box",
            Pid = 4711,
            StartTime = 123456,
            Source = "hook",
            Bundle = "/run/b",
            Files = ["proc/meminfo", "sys/devices/system/cpu/online"],
            View = new Dictionary<string, string> { ["cpu"] = "cpuset", ["memory"] = "1g" },
            Off = ["proc/stat", "*"],
            IsDetached = true,
        });
        yield return RegistryText.Format(new RegistryEntry { Id = "box", Pid = 1, StartTime = 0, Source = "lxc" });
        foreach (ControlVerb verb in Enum.GetValues<ControlVerb>())
        {
            yield return ControlMessage.Format(new ControlRequest(verb, verb is ControlVerb.Where or ControlVerb.Reload ? "" : "box"));
        }

        yield return ControlMessage.Format(new ControlAnswer { Container = 7, Mount = "/run/procfs/fuse/x", Minor = 93, Files = ["proc/meminfo", "proc/stat"], Parts = ["sys/devices/system/cpu/online"] });
        yield return ControlMessage.Format(new ControlAnswer { Error = "it is not registered" });
        foreach (KeeperMessageKind kind in Enum.GetValues<KeeperMessageKind>())
        {
            byte[] message = new byte[KeeperMessage.MaxSize];
            yield return message[..new KeeperMessage(kind, "/var/lib/procfs").Encode(message)];
        }

        yield return "READY=1\nFDSTORE=1\nFDNAME=device\nWATCHDOG=1\nBARRIER=1\n"u8.ToArray();
        yield return Encoding.ASCII.GetBytes($"procfs-numbers 1 {Boot} 9\n7 4711 123456 box\n8 4712 123457 sha256-00\n");
        yield return Encoding.ASCII.GetBytes($"{Boot} 93 17 var-lib-procfs\n{Boot} 94\n");
        yield return "proc/meminfo\nproc/stat\n*\n"u8.ToArray();
        yield return "some 150000 2000000\0"u8.ToArray();
        yield return "GET /metrics?x HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray();
        yield return "unix:/run/procfs/metrics.sock"u8.ToArray();
        yield return "[::1]:9100"u8.ToArray();
    }

    public void Try(ReadOnlySpan<byte> input)
    {
        Spool(input);
        Packets(input);
        Keeper(input);
        Triggers(input);
        Metrics(input);
        if (input.StartsWith("procfs-numbers"u8))
        {
            Numbers(input);
        }
        else if (input.StartsWith(Encoding.ASCII.GetBytes(Boot[..8])) || input.StartsWith("proc/"u8))
        {
            Lists(input);
        }
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static void Spool(ReadOnlySpan<byte> input)
    {
        RegistryEntry? entry = RegistryText.Parse(input, out string defect);
        FuzzDefect.Unless(entry is null == defect.Length > 0 && !defect.Contains('\n'), "an entry that is none makes one sentence", defect);
        if (entry is not null)
        {
            RegistryRules.Check(entry);
            RegistryRules.CheckRoundTrip(entry, RegistryText.Format(entry));
        }
    }

    private static void Packets(ReadOnlySpan<byte> input)
    {
        bool isRequest = ControlMessage.TryParse(input, out ControlRequest request, out string defect);
        FuzzDefect.Unless(isRequest == (defect.Length == 0) && !defect.Contains('\n'), "a request that is none makes one sentence", defect);
        if (isRequest)
        {
            FuzzDefect.Unless(request.Name.Length == 0 || RunDirectory.RegistryName(request.Name) == request.Name, "a request names an entry that leads nowhere else", request.Name);
            FuzzDefect.Unless(ControlMessage.TryParse(ControlMessage.Format(request), out ControlRequest again, out _) && again.Equals(request), "a request that is sent on is the same");
        }

        bool isAnswer = ControlMessage.TryParse(input, out ControlAnswer answer, out string wrong);
        FuzzDefect.Unless(isAnswer == (wrong.Length == 0), "an answer that is none says why", wrong);
        if (isAnswer)
        {
            FuzzDefect.Unless(answer.Mount.Length == 0 || answer.Mount.StartsWith('/'), "an answer has an absolute path");
            FuzzDefect.Unless(answer.Files.Concat(answer.Parts).All(FileNames.IsPossible), "an answer names files that can be some");
        }
    }

    private void Keeper(ReadOnlySpan<byte> input)
    {
        if (KeeperMessage.Decode(input, out KeeperMessage message) == KeeperMessageDefect.None)
        {
            FuzzDefect.Unless(!message.Text.Contains('\0'), "a keeper's message has no NUL");
            int length = message.Encode(_buffer);
            FuzzDefect.Unless(length > KeeperMessage.MaxSize - 8 || input.SequenceEqual(_buffer.AsSpan(0, length)), "a keeper's message that is sent on is the same");
            _ = KeeperMessage.IsMount(message.Text);
        }

        NotifyMessage notified = NotifyMessage.Parse(input);
        FuzzDefect.Unless(notified.DescriptorName is null || (notified.DescriptorName.Length is > 0 and <= 255 && !notified.DescriptorName.Any(char.IsControl) && !notified.DescriptorName.Contains(':')), "a descriptor's name can be one");
    }

    private static void Triggers(ReadOnlySpan<byte> input)
    {
        if (TriggerRequest.TryParse(input, out TriggerRequest request))
        {
            FuzzDefect.Unless(request.IsPossible && TriggerRequest.TryParse(request.Format(), out TriggerRequest again) && again == request, "a trigger that is set is the one that was asked for");
        }
    }

    private static void Metrics(ReadOnlySpan<byte> input)
    {
        _ = MetricsRequest.IsComplete(input);
        FuzzDefect.Unless(MetricsRequest.Status(input) is 200 or 400 or 404 or 405, "a request for metrics has a status");
        if (MetricsAddress.Parse(Encoding.UTF8.GetString(input)) is { } address)
        {
            FuzzDefect.Unless(address.Path is null || (address.Path.StartsWith('/') && Encoding.UTF8.GetByteCount(address.Path) <= 107), "metrics are served at a path that fits", address.Path ?? "");
            FuzzDefect.Unless(MetricsAddress.Parse(address.ToString()) == address, "an address of metrics is the same when it is written and read again");
        }
    }

    /// <summary>Whatever the table says, the numbers that are handed out from then on are new.</summary>
    private void Numbers(ReadOnlySpan<byte> input)
    {
        string path = Path.Combine(_directory, "numbers");
        File.WriteAllBytes(path, input);
        using NumberTable table = NumberTable.Open(path, Guid.Parse(Boot), mayBeInUse: true, bootTimeNs: 1_000_000_000_000, out string? defect, out string? unwritable);
        FuzzDefect.Unless(unwritable is null, "a table can be written", unwritable ?? "");
        FuzzDefect.Unless(defect is null || table.Known.Count == 0, "of a table with a defect nothing is known");
        ulong highest = table.Known.Count == 0 ? 0 : table.Known.Keys.Max();
        ulong next = table.NumberOf(new RegistrationKey("fuzz-of-nobody", 1, 1));
        FuzzDefect.Unless(next > highest && next != 0, "a number that is handed out is a new one", $"{next} after {highest}");
        FuzzDefect.Unless(next <= Tree.NodeId.MaxContainer, "a number that is handed out fits into a node id", $"{next}");
    }

    private void Lists(ReadOnlySpan<byte> input)
    {
        File.WriteAllBytes(RunDirectory.Connections(_directory), input);
        _ = ConnectionList.Read(_directory, Path.Combine(_directory, "proc"), 1, null);
        string off = Path.Combine(_directory, "fuzz.off");
        File.WriteAllBytes(off, input);
        _ = OffState.Read(off, out _);
    }
}
