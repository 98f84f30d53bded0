using System.Text;
using ProcFs.Hook.Attaching;
using ProcFs.Hook.Control;
using ProcFs.Interop;
using ProcFs.Mountinfo;

namespace ProcFs.Hook.Hooking;

/// <summary>
/// The stage createContainer: binds the common files, which show each reader its own container, over those of the container. The hook is in the
/// container's mount namespace already and the host's root is still in sight, so nothing has to be entered; nor can anything be registered from here.
/// </summary>
internal sealed class CommonFiles(HookOptions options, TimeSpan within)
{
    private readonly Deadline _deadline = new(within);

    /// <summary>Attaches files below the container's root directory.</summary>
    /// <param name="root">As this mount namespace has it.</param>
    /// <param name="files">Which; null: all.</param>
    /// <param name="masked">What the engine hides, as "proc/kcore".</param>
    public AttachReport Attach(string root, IReadOnlyList<string>? files, IReadOnlyList<string> masked)
    {
        using FileDescriptor? self = FileDescriptor.Open(options.ProcRoot + "/self", Libc.O_PATH | Libc.O_DIRECTORY, out Errno error);
        if (self is null)
        {
            return Refused($"cannot open {options.ProcRoot}/self: {Libc.Describe(error)}");
        }

        if (MountTable.Read(self.Number, out string? defect) is not { } table || PublicMount.FindMinor(table, options.Mount) is not { } minor)
        {
            return Refused(defect ?? $"the common files are not mounted on {options.Mount}: is the daemon there, and has it another --mount?");
        }

        OwnMounts own = new(minor, new HashSet<uint>());
        files ??= Served();
        SourceTrees trees = SourceTrees.Open(options.Mount, files, minor, _deadline.ButForAnEighth());
        try
        {
            AttachedFile[] report = new AttachedFile[files.Count];
            Dictionary<string, (FileDescriptor? Directory, VerifiedRoot Root, string? Defect)> directories = [];
            for (int i = 0; i < report.Length; i++)
            {
                string file = files[i];
                string top = file[..file.IndexOf('/', StringComparison.Ordinal)];
                if (!directories.TryGetValue(top, out (FileDescriptor? Directory, VerifiedRoot Root, string? Defect) place))
                {
                    place.Directory = OpenRoot(self.Number, root, top, out place.Root, out place.Defect);
                    directories.Add(top, place);
                }

                if (place.Directory is null)
                {
                    if (top == "proc")
                    {
                        return Refused(place.Defect!);
                    }

                    report[i] = new AttachedFile(file, AttachOutcome.Missing);
                    continue;
                }

                report[i] = KeptMasks.Hides(masked, file) ? new AttachedFile(file, AttachOutcome.Foreign) : Put(self.Number, place.Directory, place.Root, file, masked, trees, own);
            }

            return new AttachReport(null, report);
        }
        finally
        {
            trees.Close();
        }
    }

    /// <summary>
    /// What is served, as the daemon tells it: reading the directories could wait for it without end. In a user namespace nobody may ask it:
    /// then what this version serves.
    /// </summary>
    private IReadOnlyList<string> Served()
    {
        using ControlClient daemon = new(options.RunDirectory, options.DaemonWithin);
        return daemon.Ask(new ControlRequest(ControlVerb.Where)) is { Failure: null, Answer: { } answer } ? answer.Files : ServedFiles.All;
    }

    private static AttachReport Refused(string reason) => new(reason, []);

    private static AttachedFile Put(int self, FileDescriptor directory, in VerifiedRoot root, string file, IReadOnlyList<string> masked, SourceTrees trees, OwnMounts own)
    {
        using TargetFile? target = TargetFile.Open(directory, file, out Errno error);
        if (target is null)
        {
            return error is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP ? new AttachedFile(file, AttachOutcome.Missing)
                : error is Errno.EXDEV ? new AttachedFile(file, AttachOutcome.Foreign)
                : new AttachedFile(file, AttachOutcome.Failed, (int)error);
        }

        // After the file was opened: a mount that is held keeps its id.
        MountTable? table = MountTable.Read(self, out _);
        Cover cover = table is null ? Cover.Foreign : OwnMountRules.Classify(table, target.MountId, root, file, own, $"/common/{file}");
        if (cover != Cover.Bare || !target.IsPlaceFor(file) || OwnMountRules.HasForeignBelow(table!, root, file, own))
        {
            return new AttachedFile(file, cover == Cover.Present ? AttachOutcome.Present : AttachOutcome.Foreign);
        }

        using FileDescriptor? tree = trees.Take(file, out error);
        error = tree is null ? error : KeptMasks.Put(directory, root, masked, file, Move);
        error = tree is null || error != Errno.None ? error : Move(tree, target);
        return error == Errno.None ? new AttachedFile(file, AttachOutcome.Attached) : new AttachedFile(file, AttachOutcome.Failed, (int)error);
    }

    private static Errno Move(FileDescriptor tree, TargetFile target) => Libc.ErrorOf(Libc.MoveMount(tree.Number, target.Place.Number, 0));

    /// <summary>The container's /proc or /sys where it is genuine; null and why not.</summary>
    private FileDescriptor? OpenRoot(int self, string root, string name, out VerifiedRoot verified, out string? defect)
    {
        verified = default;
        // The way to the root is the host's and may hold links of the host's; the image has a say only from there on.
        using FileDescriptor? rootDirectory = FileDescriptor.Open(root, Libc.O_PATH | Libc.O_DIRECTORY, out Errno error);
        nint opened = rootDirectory is null ? -(nint)error : OpenBelow(rootDirectory.Number, name);
        if (opened < 0)
        {
            defect = $"cannot open {root}/{name}: {Libc.Describe(Libc.ErrorOf(opened))}";
            return null;
        }

        FileDescriptor directory = new((int)opened);
        defect = Verify(self, directory, name, out verified);
        if (defect is null)
        {
            return directory;
        }

        directory.Dispose();
        return null;
    }

    private static unsafe nint OpenBelow(int directory, string name)
    {
        Libc.OpenHow how = new()
        {
            Flags = (ulong)(uint)(Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_NOFOLLOW | Libc.O_CLOEXEC),
            Resolve = Libc.RESOLVE_NO_SYMLINKS | Libc.RESOLVE_NO_MAGICLINKS,
        };
        fixed (byte* path = Libc.PathBytes(name))
        {
            return Libc.OpenAt2(directory, path, &how);
        }
    }

    private string? Verify(int self, FileDescriptor directory, string name, out VerifiedRoot verified)
    {
        verified = default;
        string type = name == "proc" ? "proc" : "sysfs";
        Errno error = TargetFile.MountOf(directory.Number, out Libc.StatxBuffer status);
        if (error != Errno.None || MountTable.Read(self, out _) is not { } table || !table.TryFind(status.MountId, out MountInfoLine line))
        {
            return $"cannot tell what the container's /{name} is";
        }

        if (!line.Type.SequenceEqual(Encoding.ASCII.GetBytes(type)) || !line.Root.SequenceEqual("/"u8))
        {
            return $"the container's /{name} is no {type}";
        }

        // Called in the wrong stage this would be the host's own.
        using FileDescriptor? own = FileDescriptor.Open(name == "proc" ? options.ProcRoot : "/sys", Libc.O_PATH | Libc.O_DIRECTORY, out _);
        if (own is not null && TargetFile.MountOf(own.Number, out Libc.StatxBuffer host) == Errno.None && host.MountId == status.MountId)
        {
            return $"the container's /{name} is the host's own";
        }

        verified = new VerifiedRoot(status.MountId, Encoding.ASCII.GetString(line.Device), type);
        return null;
    }
}
