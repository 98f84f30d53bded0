using System.Globalization;
using ProcFs.Hook.Attaching;

namespace ProcFs.Hook.Tests.Support;

/// <summary>A process with a mount namespace of its own: all of a container that attaching is about.</summary>
internal sealed class Container : IDisposable
{
    /// <summary>What an attach may take here: only one that waits for somebody who does not answer needs all of it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly Child _child;

    private Container(Child child, int pid)
    {
        _child = child;
        Pid = pid;
        string stat = File.ReadAllText($"/proc/{Text(pid)}/stat");
        StartTime = ulong.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], CultureInfo.InvariantCulture);
    }

    public int Pid { get; }

    public ulong StartTime { get; }

    /// <summary>With the host's procfs, as far as /proc goes.</summary>
    public static Container Plain(params string[] flags) => Start(["-m", .. flags]);

    /// <summary>With a pid namespace and a procfs of its own.</summary>
    public static Container WithPids(params string[] flags) => Start(["-m", "-p", "-f", "--mount-proc", .. flags]);

    /// <summary>A second mount namespace, copied from this one as it is now.</summary>
    public Container Copy(params string[] flags) => Start(["-m", .. flags], ["nsenter", "-t", Text(Pid), "-m"]);

    /// <summary>Runs a shell script in its mount namespace; output and errors.</summary>
    public string Shell(string script) => Child.Run("nsenter", "-t", Text(Pid), "-m", "-p", "sh", "-c", script);

    /// <summary>Starts a shell script in its mount namespace and waits for its first line.</summary>
    public Child StartShell(string script) => Child.Start(out _, "nsenter", "-t", Text(Pid), "-m", "-p", "sh", "-c", script);

    public string Read(string file) => Shell($"cat /{file} | head -n 1");

    public string[] Mounts => File.ReadAllLines($"/proc/{Text(Pid)}/mountinfo");

    /// <summary>The mounts that tests make; those of the host that were copied with the rest come and go.</summary>
    public string[] MountsOnKernelFiles => [.. Mounts.Where(line => line.Split(' ')[4] is ['/', 'p', 'r', 'o', 'c', ..] or ['/', 's', 'y', 's', ..])];

    /// <summary>How many mounts of our type there are.</summary>
    public int OwnLayers => Mounts.Count(line => line.Contains(" - fuse.procfs procfs ", StringComparison.Ordinal));

    public AttachRequest Request(ServedMount source, OwnMounts own, params string[] files) => new()
    {
        Pid = Pid,
        StartTime = StartTime,
        ProcRoot = "/proc",
        SourceDirectory = source.Directory + "/c/7",
        Files = files,
        Own = own,
        Within = Patience,
    };

    public AttachReport Attach(ServedMount source, OwnMounts own, params string[] files) => Attacher.Attach(Request(source, own, files));

    public AttachReport Detach(OwnMounts own)
        => Attacher.Detach(new DetachRequest { Pid = Pid, StartTime = StartTime, ProcRoot = "/proc", Own = own, Within = Patience });

    /// <summary>Ends it, and waits until its process has; a zombie has.</summary>
    /// <returns>False: it does not.</returns>
    public bool End()
    {
        _child.Kill();
        return SpinWait.SpinUntil(() => State() is null or 'Z' or 'X', TimeSpan.FromSeconds(20));
    }

    /// <summary>As proc(5) has it; null: there is no such process.</summary>
    private char? State()
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{Text(Pid)}/stat");
            return stat[stat.LastIndexOf(')') + 2];
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose() => _child.Dispose();

    private static Container Start(string[] flags, params string[] prefix)
    {
        bool isForked = flags.Contains("-f");
        string[] command = [.. prefix, "unshare", .. flags, .. isForked ? ["--kill-child"] : Array.Empty<string>(), "--", "sh", "-c", "echo ready; exec sleep 600"];
        Child child = Child.Start(out _, command[0], command[1..]);
        int pid = isForked ? int.Parse(File.ReadAllText($"/proc/{Text(child.Id)}/task/{Text(child.Id)}/children"), CultureInfo.InvariantCulture) : child.Id;
        return new Container(child, pid);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
