using System.Globalization;

namespace ProcFs.Doctor;

/// <summary>
/// One refusal by a security module as the kernel recorded it, in the audit log or in its own. The kernel says who it was: the number, the domain or profile, the time.
/// What is refused is chosen by the process, and so are its name (comm=) and, in a root directory of its own, the path of its program (exe=).
/// </summary>
/// <param name="At">When, by the host's clock.</param>
/// <param name="Text">From "avc:" or "apparmor=" on.</param>
/// <param name="IsInAuditLog">Or in the kernel's.</param>
internal sealed record LsmRecord(DateTimeOffset At, string Text, bool IsInAuditLog)
{
    public const string Selinux = "avc:  denied ", Apparmor = "apparmor=\"DENIED\" ";

    private const int LogBytes = 256 << 10;
    private const int FirstOfUsers = 8; // below: facility 0, which a writer of /dev/kmsg cannot have

    /// <summary>By its number in the machine's first pid namespace; 0: it is not said.</summary>
    public int Pid => int.TryParse(Field("pid"), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ? pid : 0;

    /// <summary>What the process calls itself; null when that has characters that are not shown as they are.</summary>
    public string? Name => Field("comm");

    /// <summary>Those of the last part of the audit log, and of the kernel's log, in this order.</summary>
    /// <param name="host">The kernel's log may not be readable.</param>
    /// <param name="module">How its refusals begin.</param>
    /// <param name="hasLog">False: neither of the two could be read, or there is nothing in them.</param>
    public static LsmRecord[] Of(DoctorHost host, string module, out bool hasLog)
    {
        string audit = host.Files.Tail("/var/log/audit/audit.log", LogBytes), kernel = host.KernelLog();
        hasLog = audit.Length > 0 || kernel.Length > 0;
        return In(audit, kernel, module);
    }

    /// <summary>Those in two texts.</summary>
    internal static LsmRecord[] In(string audit, string kernel, string module) =>
    [
        .. audit.Split('\n').Select(line => Parse(Audit(line), module, isInAuditLog: true)).OfType<LsmRecord>(),
        .. kernel.Split('\n').Select(line => Parse(Kernel(line), module, isInAuditLog: false)).OfType<LsmRecord>(),
    ];

    /// <summary>The value of "name=value" or name="value"; null: there is none.</summary>
    public string? Field(string name)
    {
        ReadOnlySpan<char> rest = Text;
        while ((rest = rest.TrimStart(' ')).Length > 0)
        {
            int end = rest.IndexOfAny('=', ' ');
            if (end < 0 || rest[end] == ' ')
            {
                rest = end < 0 ? default : rest[end..];
                continue;
            }

            bool isIt = rest[..end].SequenceEqual(name);
            rest = rest[(end + 1)..];
            bool isQuoted = rest.StartsWith('"');
            rest = isQuoted ? rest[1..] : rest;
            int length = rest.IndexOf(isQuoted ? '"' : ' ') is >= 0 and int found ? found : rest.Length;
            if (isIt)
            {
                return rest[..length].ToString();
            }

            rest = rest[Math.Min(rest.Length, isQuoted ? length + 1 : length)..];
        }

        return null;
    }

    /// <summary>A record of the kernel's in the audit log, from its time on. Records of programs, which quote what they like, have other types.</summary>
    private static string? Audit(string line)
    {
        const string header = "type=AVC msg=audit(";
        int start = line.StartsWith("node=", StringComparison.Ordinal) ? line.IndexOf(' ', StringComparison.Ordinal) + 1 : 0;
        return string.CompareOrdinal(line, start, header, 0, header.Length) == 0 ? line[(start + header.Length)..] : null;
    }

    /// <summary>The same in the kernel's log: "priority,number,microseconds,flags;text" (Documentation/ABI/testing/dev-kmsg).</summary>
    private static string? Kernel(string line)
    {
        const string header = ";audit: type=1400 audit(";
        int prefix = line.IndexOf(';', StringComparison.Ordinal);
        return prefix > 0 && string.CompareOrdinal(line, prefix, header, 0, header.Length) == 0
            && int.TryParse(line.AsSpan(0, line.IndexOf(',', StringComparison.Ordinal) is > 0 and int comma ? comma : 0), NumberStyles.None, CultureInfo.InvariantCulture, out int priority) && priority < FirstOfUsers
                ? line[(prefix + header.Length)..]
                : null;
    }

    // The record: "seconds.milliseconds:number): text".
    private static LsmRecord? Parse(string? record, string module, bool isInAuditLog)
    {
        int colon = record?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        int text = record?.IndexOf("): ", StringComparison.Ordinal) ?? -1;
        return colon > 0 && text > colon && string.CompareOrdinal(record, text + 3, module, 0, module.Length) == 0
            && decimal.TryParse(record.AsSpan(0, colon), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal seconds) && seconds < 100_000_000_000
                ? new LsmRecord(DateTimeOffset.UnixEpoch + TimeSpan.FromMilliseconds((long)(seconds * 1000)), record![(text + 3)..].Split('\u001d')[0].Trim(), isInAuditLog) // after it: the same in words
                : null;
    }
}
