using System.Collections;
using System.Globalization;
using ProcFs.Children;
using ProcFs.Handover;
using ProcFs.Hook;
using ProcFs.Interop;

namespace ProcFs.Privileges;

/// <summary>
/// Makes two processes of a daemon that is being started: the attacher, which keeps what it was started with, and this one, which becomes the same program once more
/// without CAP_SYS_ADMIN and all others that it can do without. Capabilities belong to threads, and a runtime has started some before we are asked: execve(2) leaves one.
/// </summary>
internal static class Separation
{
    public const string AttacherVerb = "attacher";

    /// <summary>"SOCKET:PID" of the attacher, from the start to what the same process becomes.</summary>
    private const string Variable = "PROCFS_ATTACHER";

    /// <summary>
    /// To be called before anything is opened. Where it can be done it does not return: this process begins anew, comes here again, and finds its attacher.
    /// </summary>
    /// <param name="places">Where the attacher is to work.</param>
    /// <param name="isWanted">Not for a daemon that ends with one command.</param>
    public static IAttacher Enter(AttacherPlaces places, bool isWanted)
    {
        if (Claim() is { } attacher)
        {
            return attacher;
        }

        ulong permitted = Libc.PermittedCapabilities();
        if (!isWanted || !ServerCapabilities.HasMore(permitted))
        {
            return new OwnAttacher(places);
        }

        return ServerCapabilities.CanMount(permitted)
            ? Part(places)
            : new OwnAttacher(places, "it was started without CAP_SYS_ADMIN");
    }

    private static IAttacher Part(AttacherPlaces places)
    {
        int result = Libc.SocketPair(Libc.SOCK_SEQPACKET, out int ours, out int theirs);
        if (result < 0)
        {
            return new OwnAttacher(places, $"it cannot make a socket: {Libc.Describe(Libc.ErrorOf(result))}");
        }

        FileDescriptor own = new(ours);
        IDictionary environment = Environment.GetEnvironmentVariables();
        int pid;
        using (FileDescriptor other = new(theirs))
        {
            pid = Start(places, environment, theirs);
        }

        if (pid < 0)
        {
            own.Dispose();
            return new OwnAttacher(places, $"its attacher cannot be started: {Libc.Describe(Libc.ErrorOf(pid))}");
        }

        result = ServerCapabilities.GiveUpOthers();
        if (result < 0)
        {
            // Some may be given up by now; the attacher has them all.
            return new AttacherClient(own, pid, $"it cannot give up capabilities: {Libc.Describe(Libc.ErrorOf(result))}");
        }

        _ = Libc.SetCloseOnExec(ours, isClosed: false);
        List<string> variables = [.. environment.Cast<DictionaryEntry>().Select(variable => $"{variable.Key}={variable.Value}"),
            string.Create(CultureInfo.InvariantCulture, $"{Variable}={ours}:{pid}")];
        result = Libc.Execve(OwnProgram.Path, ["procfs", .. Environment.GetCommandLineArgs().Skip(1)], variables); // returns when it has failed
        _ = Libc.SetCloseOnExec(ours, isClosed: true);
        // This thread has given up all but a few, and so do those that it starts from here on.
        return new AttacherClient(own, pid, $"it cannot start itself again: {Libc.Describe(Libc.ErrorOf(result))}");
    }

    /// <summary>Starts the attacher. The connection must end with its last user, and the attacher is none: it gets nothing but its socket.</summary>
    private static int Start(AttacherPlaces places, IDictionary environment, int socket)
    {
        int[] passed = [.. Passed(environment).Where(Libc.ClaimInherited)];
        int pid = Libc.Spawn(OwnProgram.Path, ["procfs", AttacherVerb, .. places.RootArguments], ChildEnvironment.Of(environment), [socket]);
        foreach (int descriptor in passed)
        {
            _ = Libc.SetCloseOnExec(descriptor, isClosed: false);
        }

        return pid;
    }

    /// <summary>Descriptors that a service manager has passed, sd_listen_fds(3).</summary>
    private static IEnumerable<int> Passed(IDictionary environment)
        => IsForUs(environment["LISTEN_PID"] as string) && int.TryParse(environment["LISTEN_FDS"] as string, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? Enumerable.Range(PassedDescriptors.First, Math.Min(count, PassedDescriptors.Most)) : [];

    /// <summary>Our supervisor says none, since it does not know it.</summary>
    private static bool IsForUs(string? pid) => pid is null || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    /// <summary>The attacher of a daemon; 0: it has none, or that cannot be seen.</summary>
    /// <param name="environ">Of the daemon, proc_pid_environ(5).</param>
    public static int AttacherOf(string environ)
        => environ.Split('\0').FirstOrDefault(variable => variable.StartsWith(Variable + "=", StringComparison.Ordinal)) is { } variable && TryParse(variable[(Variable.Length + 1)..], out _, out int pid) ? pid : 0;

    /// <summary>The attacher that was started by what this process was before; null: there is none. The variable is not for children.</summary>
    private static AttacherClient? Claim()
    {
        string? value = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        return TryParse(value, out int socket, out int pid)
            && !ServerCapabilities.CanMount(Libc.PermittedCapabilities()) && Libc.ClaimInherited(socket) && Libc.PeerCredentials(socket, out _) >= 0
            ? new AttacherClient(new FileDescriptor(socket), pid)
            : null;
    }

    private static bool TryParse(string? value, out int socket, out int pid)
    {
        (socket, pid) = (0, 0);
        return value?.Split(':') is [{ } first, { } second]
            && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out socket) && int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out pid);
    }
}
