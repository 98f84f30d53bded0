using ProcFs.Interop;

namespace ProcFs.Hook.Attaching;

/// <summary>One system call that <see cref="EnteredThread"/> is told to make. Lives in memory that no collection moves.</summary>
internal unsafe struct EnteredCommand
{
    public EnteredOperation Operation;

    /// <summary>The descriptor that the call is about; flags for <see cref="EnteredOperation.Unshare"/>.</summary>
    public int First;

    /// <summary>The target descriptor of a move; the namespaces of a setns.</summary>
    public int Second;

    /// <summary>Flags of the call.</summary>
    public uint Flags;

    public Libc.OpenHow How;

    /// <summary>NUL at the end.</summary>
    public byte* Path;

    /// <summary>The kernel's answer: zero or more, or -errno.</summary>
    public nint Result;
}

/// <summary>What <see cref="EnteredThread"/> can do: this, and nothing else, is ever done with a container's root directory.</summary>
internal enum EnteredOperation
{
    /// <summary>unshare(2)</summary>
    Unshare,

    /// <summary>setns(2)</summary>
    Setns,

    /// <summary>openat2(2)</summary>
    OpenAt2,

    /// <summary>move_mount(2)</summary>
    MoveMount,

    /// <summary>fchdir(2) to the first descriptor, then umount2(2) of a name in it</summary>
    Unmount,
}
