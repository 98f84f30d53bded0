using ProcFs.Fuse;

namespace ProcFs.Privileges;

/// <summary>
/// All that a daemon does with CAP_SYS_ADMIN and CAP_SYS_CHROOT: its own mounts, and the files in containers. Done by a process of its own, so that the one that answers
/// readers needs neither; or by the daemon, where there is no such process.
/// </summary>
internal interface IAttacher : IDisposable
{
    /// <summary>Why the daemon itself has all capabilities, in one sentence; null: it has not.</summary>
    string? WhyNotSeparate { get; }

    /// <summary>False from its end on: then nothing below can be done any more.</summary>
    bool IsThere { get; }

    /// <summary>Mounts at the private place, as <see cref="FuseMount.Mount"/> does.</summary>
    /// <param name="device">Open.</param>
    /// <param name="maxRead">The most that one READ asks for, in bytes; 0: the kernel's choice.</param>
    /// <param name="context">The SELinux label; null: none.</param>
    /// <exception cref="FuseException">The kernel refused.</exception>
    void Mount(FuseDevice device, uint maxRead, string? context);

    /// <summary>Detaches mounts of ours at one of the two places.</summary>
    /// <param name="isPublic">Which.</param>
    /// <returns>How many.</returns>
    /// <exception cref="FuseException">The kernel refused.</exception>
    int DetachAll(bool isPublic);

    /// <summary>Detaches what was mounted at the private place just now, without looking: for a daemon that can open nothing any more.</summary>
    void DetachBlindly();

    /// <summary>Binds the common files to the public place. The workers must be running. Null; or one sentence that says why not.</summary>
    string? Bind();

    /// <summary>Starts to bring the files into all containers; null and the reason when it cannot be started.</summary>
    IAttachRun? Attach(out string reason);

    /// <summary>Takes the files out of all containers, and waits for that, but not for long.</summary>
    /// <param name="exitCode">Of the verb that does it; null: nobody knows.</param>
    /// <param name="reason">Why it could not be started; null: it was.</param>
    /// <returns>False: it took too long, and was ended.</returns>
    bool DetachContainers(out int? exitCode, out string? reason);
}

/// <summary>An attach at work.</summary>
internal interface IAttachRun : IDisposable
{
    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code, 128 and the signal when it was killed; null: nobody knows.</returns>
    int? WaitForEnd();

    /// <summary>Ends it, if it has not ended.</summary>
    void Kill();
}
