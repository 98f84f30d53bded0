using ProcFs.Interop;

namespace ProcFs.Cgroups.V2;

/// <summary>
/// Pressure stall information of one cgroup: cgroup-v2.rst, *.pressure. They belong to no controller, so a hybrid host has them in its
/// unified mount, too. They are gone while cgroup.pressure is 0.
/// </summary>
internal sealed class PressureV2(CgroupDirectory directory)
{
    private static readonly string[] Names = ["cpu.pressure", "io.pressure", "memory.pressure", "irq.pressure"];

    private readonly CgroupFile?[] _files = new CgroupFile?[Names.Length];

    /// <summary>The kernel's text; false where there is none. Valid until this thread reads the next file.</summary>
    public bool TryRead(PressureResource resource, out ReadOnlySpan<byte> text) => FileOf(resource).TryRead(out text);

    /// <summary>A descriptor of its own, to read and to write a trigger, which is the caller's to close; or -errno.</summary>
    public int Open(PressureResource resource)
    {
        using PooledDescriptor.Lease parent = directory.Use(out Errno error);
        return parent.IsValid
            ? directory.Pool.OpenAt(parent.Number, FileNames.WithNul(Names[(int)resource]), Libc.O_RDWR | Libc.O_NONBLOCK)
            : -(int)error;
    }

    private CgroupFile FileOf(PressureResource resource)
    {
        ref CgroupFile? file = ref _files[(int)resource];
        return Volatile.Read(ref file) ?? Interlocked.CompareExchange(ref file, directory.File(Names[(int)resource]), null) ?? file!;
    }
}
