using System.Collections;
using ProcFs.Files;
using ProcFs.Hook.Hooking;
using ProcFs.Interop;
using ProcFs.Registration;

namespace ProcFs.Trial;

/// <summary>
/// The part of <c>procfs run</c> that is process 1 of the new pid namespace: enters the cgroup, makes its own mounts, and becomes
/// the command.
/// </summary>
internal static class TrialInside
{
    public const string Verb = "run-inside";

    private const int NotExecutable = 126;
    private const int NotFound = 127;

    public static IReadOnlyList<string> CommandLine(string mount, IEnumerable<string> entrances, string[] command)
        => [Verb, "--mount", mount, .. entrances.SelectMany(entrance => new[] { "--enter", entrance }), "--", .. command];

    /// <summary>Returns only when the command could not be started: 127 when it was not found, 126 otherwise, as shells do.</summary>
    public static int Run(string mount, IEnumerable<string> entrances, string[] command)
    {
        Check(Libc.SignalAtParentsEnd(Libc.SIGKILL), "ask to end with procfs run");
        foreach (string entrance in entrances)
        {
            TrialCgroup.Attempt($"enter the cgroup by {entrance}", () => File.WriteAllText(entrance, "0"));
        }

        Check(Libc.Unshare(Libc.CLONE_NEWNS), "make a mount namespace");
        Check(Libc.Mount(null, "/", null, Libc.MS_REC | Libc.MS_PRIVATE, null), "make the mounts private");
        Check(Libc.Mount("proc", "/proc", "proc", Libc.MS_NOSUID | Libc.MS_NODEV | Libc.MS_NOEXEC, null), "mount /proc");
        foreach (string name in AttachedNames.Of(ProcFiles.All).Files)
        {
            Attach($"{mount}/{name}", "/" + name);
        }

        if (Directory.Exists(command[0]))
        {
            Console.Error.WriteLine($"procfs: cannot run {command[0]}: it is a directory");
            return NotExecutable;
        }

        if (FindProgram(command[0]) is not { } program)
        {
            string where = command[0].Contains('/', StringComparison.Ordinal) ? "file" : "program in PATH";
            Console.Error.WriteLine($"procfs: cannot run {command[0]}: there is no such {where}");
            return NotFound;
        }

        List<string> environment = [];
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            environment.Add($"{variable.Key}={variable.Value}");
        }

        Errno error = Libc.ErrorOf(Libc.Execve(program, command, environment));
        Console.Error.WriteLine($"procfs: cannot run {program}: {Libc.Describe(error)}");
        return NotExecutable;
    }

    /// <summary>What this kernel does not have (no sysfs, another architecture) is left out.</summary>
    private static void Attach(string source, string target)
    {
        if (Path.Exists(target))
        {
            Check(Libc.Mount(source, target, null, Libc.MS_BIND, null), $"attach {target}");
            ulong readOnly = ServedFiles.IsWritable(target[1..]) ? 0 : Libc.MS_RDONLY;
            Check(Libc.Mount(null, target, null, Libc.MS_BIND | Libc.MS_REMOUNT | readOnly | Libc.MS_NOSUID | Libc.MS_NODEV | Libc.MS_NOEXEC, null),
                $"set the flags of {target}");
        }
    }

    private static string? FindProgram(string name)
    {
        if (name.Contains('/', StringComparison.Ordinal))
        {
            return File.Exists(name) ? name : null;
        }

        string path = Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        return path.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists);
    }

    private static void Check(int result, string what)
    {
        if (result < 0)
        {
            throw new Failure(ExitCode.Failed, $"cannot {what}: {Libc.Describe(Libc.ErrorOf(result))}");
        }
    }
}
