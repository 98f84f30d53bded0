using System.Globalization;
using ProcFs.Hook.Attaching;

namespace ProcFs.Hook.Tests.Support;

/// <summary>A mount as the daemon makes it, served by a process that can be stopped and killed. This process resolves no path on it.</summary>
internal sealed class ServedMount : IDisposable
{
    /// <summary>The server; also the verbs of the hook, for tests that need a process of its own.</summary>
    public static readonly string Program = Path.Combine(AppContext.BaseDirectory, "ProcFs.Hook.Tests.Server");

    private readonly Child _server;

    /// <param name="silent">Names that it takes questions for, and answers none.</param>
    public ServedMount(params string[] silent)
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("procfs-hook-").FullName;
        _server = Child.Start(out string[] words, Program, ["serve", Directory, .. silent]);
        Minor = uint.Parse(words[1], CultureInfo.InvariantCulture);
        Own = new OwnMounts(Minor, new HashSet<uint>());
    }

    public string Directory { get; }

    public uint Minor { get; }

    /// <summary>Only this mount is ours.</summary>
    public OwnMounts Own { get; }

    /// <summary>This mount is the one that is served now, others were before.</summary>
    public OwnMounts After(params ServedMount[] past) => new(Minor, past.Select(mount => mount.Minor).ToHashSet());

    /// <summary>A FUSE mount in a container, on a directory or file, that answers nothing; ended with the result.</summary>
    public static Child Silent(Container container, string path, string type = "fuse.theirs") => container.StartShell(
        $"exec 3<>/dev/fuse; test -d {path} && mode=40555 || mode=100444; "
        + $"mount -n -i -t {type} -o fd=3,rootmode=$mode,user_id=0,group_id=0,allow_other procfs {path} && echo ready && exec sleep 600");

    /// <summary>Its connection ends: every mount of it is dead.</summary>
    public void Kill() => _server.Kill();

    public void Stop() => Child.Run("kill", "-STOP", _server.Id.ToString(CultureInfo.InvariantCulture));

    public void Continue() => Child.Run("kill", "-CONT", _server.Id.ToString(CultureInfo.InvariantCulture));

    public void Dispose()
    {
        // With a stopped server its readers can be killed only once the connection has ended.
        Child.Run("sh", "-c", $"echo 1 >/sys/fs/fuse/connections/{Minor}/abort");
        _server.Dispose();
        Child.Run("umount", "-l", Directory);
        Child.Run("rmdir", Directory);
    }
}
