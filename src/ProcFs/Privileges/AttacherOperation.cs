namespace ProcFs.Privileges;

/// <summary>What an attacher can be asked for: nothing that names a path, a process or a program. Those it was started with.</summary>
internal enum AttacherOperation : byte
{
    /// <summary>Mounts the device that comes with it at the private place.</summary>
    Mount = 1,

    /// <summary>Detaches mounts of ours at the private place until none is on top; the answer is how many.</summary>
    DetachPrivate = 2,

    /// <summary>The same at the public place.</summary>
    DetachPublic = 3,

    /// <summary>Detaches what was mounted at the private place just now, without looking.</summary>
    DetachBlindly = 4,

    /// <summary>Binds the common files to the public place.</summary>
    Bind = 5,

    /// <summary>Starts to bring the files into all containers. With the answer come what tells the exit code, and a pidfd.</summary>
    Attach = 6,

    /// <summary>Takes the files out of all containers, and waits for that; the answer is the exit code.</summary>
    DetachContainers = 7,
}
