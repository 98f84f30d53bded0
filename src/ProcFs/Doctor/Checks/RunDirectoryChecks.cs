using ProcFs.Hook;
using ProcFs.Interop;

namespace ProcFs.Doctor.Checks;

/// <summary>The run directory: root's alone.</summary>
internal sealed class RunDirectoryCheck : ICheck
{
    private const int PermissionBits = 0xfff, OwnerOnly = 0x1c0; // 0700

    public string Id => "run-directory";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        string path = host.Places.RunDirectory;
        List<Finding> wrong = [];
        foreach (string directory in new[] { path, RunDirectory.Registry(path), RunDirectory.PrivateMounts(path) })
        {
            Errno error = Libc.ErrorOf(Libc.Statx(Libc.AT_FDCWD, Libc.PathBytes(directory), Libc.AT_SYMLINK_NOFOLLOW, Libc.STATX_BASIC_STATS, out Libc.StatxBuffer status));
            if (error == Errno.None && Problem(directory, status) is { } problem)
            {
                wrong.Add(problem);
            }
            else if (error != Errno.None && directory == path)
            {
                wrong.Add(error == Errno.ENOENT
                    ? Finding.Note($"there is no {path}: no daemon has run here since the last boot", Mend.Run(host.Own.Start()))
                    : Finding.Bad($"{path} cannot be looked at: {Libc.Describe(error)}", Mend.Do("choose another run directory with --run-dir")));
            }
        }

        return wrong.Count > 0 ? wrong : [Finding.Ok($"{path} is root's alone")];
    }

    private static Finding? Problem(string directory, in Libc.StatxBuffer status)
        => (status.Mode & Libc.S_IFMT) != Libc.S_IFDIR
                ? Finding.Bad($"{directory} is no directory: the daemon cannot use it", Mend.Run($"mv {ShellWord.Quote(directory)} {ShellWord.Quote(directory + ".old")}"))
            : status.Uid != 0 && status.Uid != Libc.EffectiveUserId()
                ? Finding.Bad($"{directory} belongs to user {status.Uid}: whoever that is can register containers and pose as the daemon", Mend.Run($"chown root:root {ShellWord.Quote(directory)}"))
            : (status.Mode & PermissionBits & ~OwnerOnly) != 0
                ? Finding.Bad($"{directory} is open to others (mode {Convert.ToString(status.Mode & PermissionBits, 8)}): they can see or change what is registered", Mend.Run($"chmod 0700 {ShellWord.Quote(directory)}"))
            : null;
}

/// <summary>Room for what the daemon and the hooks write there.</summary>
internal sealed class RoomCheck : ICheck
{
    private const ulong LeastBytes = 1 << 20, LeastFiles = 64;

    public string Id => "run-directory.room";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        string path = host.Places.RunDirectory;
        while (!Directory.Exists(path) && Path.GetDirectoryName(path) is { } above)
        {
            path = above;
        }

        string place = host.Mounts.Holding(path)?.Place ?? path;
        yield return !Libc.TryGetRoom(path, out ulong bytes, out ulong files)
                ? Finding.Note($"how much room is left on {place} cannot be told")
            : bytes < LeastBytes || files < LeastFiles
                ? Finding.Bad(
                    $"{place}, where {host.Places.RunDirectory} is, is full ({bytes >> 10} KiB and {files} files are left): no container can be registered",
                    Mend.Do($"free something below {place}, or make it larger (mount -o remount,size=… {place})"))
            : Finding.Ok($"{place} has room ({bytes >> 20} MiB)");
    }
}
