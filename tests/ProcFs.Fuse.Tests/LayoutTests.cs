using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse.Tests;

/// <summary>Sizes and offsets of include/uapi/linux/fuse.h.</summary>
public class LayoutTests
{
    [Theory]
    [InlineData(typeof(FuseInHeader), 40, "Len:0 Opcode:4 Unique:8 NodeId:16 Uid:24 Gid:28 Pid:32 TotalExtLen:36 Padding:38")]
    [InlineData(typeof(FuseNotifyInvalInodeOut), 40, "Header:0 Ino:16 Offset:24 Length:32")]
    [InlineData(typeof(FuseOutHeader), 16, "Len:0 Error:4 Unique:8")]
    [InlineData(typeof(FuseInitIn), 16, "Major:0 Minor:4 MaxReadahead:8 Flags:12")]
    [InlineData(typeof(FuseInitInExtension), 48, "Flags2:0 Unused:4")]
    [InlineData(typeof(FuseInitOut), 64, "Major:0 Minor:4 MaxReadahead:8 Flags:12 MaxBackground:16 CongestionThreshold:18 MaxWrite:20 TimeGran:24 MaxPages:28 MapAlignment:30 Flags2:32 MaxStackDepth:36 RequestTimeout:40 Unused:42")]
    [InlineData(typeof(FuseAttr), 88, "Ino:0 Size:8 Blocks:16 Atime:24 Mtime:32 Ctime:40 AtimeNsec:48 MtimeNsec:52 CtimeNsec:56 Mode:60 Nlink:64 Uid:68 Gid:72 Rdev:76 BlkSize:80 Flags:84")]
    [InlineData(typeof(FuseEntryOut), 128, "NodeId:0 Generation:8 EntryValid:16 AttrValid:24 EntryValidNsec:32 AttrValidNsec:36 Attr:40")]
    [InlineData(typeof(FuseAttrOut), 104, "AttrValid:0 AttrValidNsec:8 Padding:12 Attr:16")]
    [InlineData(typeof(FuseGetattrIn), 16, "Flags:0 Padding:4 Fh:8")]
    [InlineData(typeof(FuseStatxIn), 24, "Flags:0 Padding:4 Fh:8 SxFlags:16 SxMask:20")]
    [InlineData(typeof(FuseOpenIn), 8, "Flags:0 OpenFlags:4")]
    [InlineData(typeof(FuseOpenOut), 16, "Fh:0 OpenFlags:8 BackingId:12")]
    [InlineData(typeof(FuseReadIn), 40, "Fh:0 Offset:8 Size:16 ReadFlags:20 LockOwner:24 Flags:32 Padding:36")]
    [InlineData(typeof(FuseWriteIn), 40, "Fh:0 Offset:8 Size:16 WriteFlags:20 LockOwner:24 Flags:32 Padding:36")]
    [InlineData(typeof(FuseWriteOut), 8, "Size:0 Padding:4")]
    [InlineData(typeof(FuseSetattrIn), 88, "Valid:0 Padding:4 Fh:8 Size:16 LockOwner:24 Atime:32 Mtime:40 Ctime:48 AtimeNsec:56 MtimeNsec:60 CtimeNsec:64 Mode:68 Unused4:72 Uid:76 Gid:80 Unused5:84")]
    [InlineData(typeof(FuseNotifyPollWakeupOut), 24, "Header:0 Kh:16")]
    [InlineData(typeof(FuseReleaseIn), 24, "Fh:0 Flags:8 ReleaseFlags:12 LockOwner:16")]
    [InlineData(typeof(FuseFlushIn), 24, "Fh:0 Unused:8 Padding:12 LockOwner:16")]
    [InlineData(typeof(FuseLseekIn), 24, "Fh:0 Offset:8 Whence:16 Padding:20")]
    [InlineData(typeof(FusePollIn), 24, "Fh:0 Kh:8 Flags:16 Events:20")]
    [InlineData(typeof(FusePollOut), 8, "Revents:0 Padding:4")]
    [InlineData(typeof(FuseIoctlIn), 32, "Fh:0 Flags:8 Cmd:12 Arg:16 InSize:24 OutSize:28")]
    [InlineData(typeof(FuseAccessIn), 8, "Mask:0 Padding:4")]
    [InlineData(typeof(FuseGetxattrIn), 8, "Size:0 Padding:4")]
    [InlineData(typeof(FuseForgetIn), 8, "Nlookup:0")]
    [InlineData(typeof(FuseBatchForgetIn), 8, "Count:0 Padding:4")]
    [InlineData(typeof(FuseInterruptIn), 8, "Unique:0")]
    [InlineData(typeof(FuseDirent), 24, "Ino:0 Off:8 NameLength:16 Type:20")]
    [InlineData(typeof(FuseStatfsOut), 80, "Blocks:0 Bfree:8 Bavail:16 Files:24 Ffree:32 Bsize:40 NameLen:44 Frsize:48 Padding:52 Spare:56")]
    public void Structure_has_the_kernels_layout(Type structure, int size, string offsets)
    {
        ArgumentNullException.ThrowIfNull(structure);
        ArgumentNullException.ThrowIfNull(offsets);
        object value = RuntimeHelpers.GetUninitializedObject(structure);
        Assert.Equal(size, Marshal.SizeOf(value));
        string actual = string.Join(' ', structure.GetFields().Where(f => !f.IsStatic).Select(f => $"{f.Name}:{OffsetOf(structure, f.Name)}"));
        Assert.Equal(offsets, actual);
    }

    [Fact]
    public void Every_structure_of_the_wire_is_in_the_table_above()
    {
        string[] covered = [.. typeof(LayoutTests).GetMethod(nameof(Structure_has_the_kernels_layout))!
            .GetCustomAttributes(typeof(InlineDataAttribute), false)
            .Select(a => ((Type)((InlineDataAttribute)a).Data[0]!).Name)
            .Order()];
        string[] all = [.. typeof(Dispatcher).Assembly.GetTypes()
            .Where(t => t.Namespace == "ProcFs.Fuse.Wire" && t is { IsValueType: true, IsEnum: false, IsNested: false })
            .Select(t => t.Name)
            .Order()];
        Assert.Equal(all, covered);
    }

    [Fact]
    public void Managed_and_native_sizes_agree()
    {
        Assert.Equal(FuseInHeader.Size, Unsafe.SizeOf<FuseInHeader>());
        Assert.Equal(FuseOutHeader.Size, Unsafe.SizeOf<FuseOutHeader>());
        Assert.Equal(FuseDirent.Size, Unsafe.SizeOf<FuseDirent>());
        Assert.Equal(64, Unsafe.SizeOf<FuseInitOut>());
        Assert.Equal(48, Unsafe.SizeOf<FuseInitInExtension>());
        Assert.Equal(80, Unsafe.SizeOf<FuseStatfsOut>());
        Assert.Equal(128, Unsafe.SizeOf<FuseEntryOut>());
        Assert.Equal(Dispatcher.MinimumReplySize, FuseOutHeader.Size + Unsafe.SizeOf<FuseEntryOut>());
        Assert.Equal(FuseInHeader.UniqueOffset, (int)Marshal.OffsetOf<FuseInHeader>(nameof(FuseInHeader.Unique)));
    }

    [Fact]
    public void Slots_are_page_aligned_and_hold_what_the_kernel_sends()
    {
        using RequestSlots slots = new(8);
        for (int i = 0; i < slots.Count; i++)
        {
            unsafe
            {
                Assert.Equal(0, (nint)slots.Request(i) % 4096);
                Assert.Equal(0, (nint)slots.Reply(i) % 4096);
                Assert.True(i == 0 || slots.Request(i) - slots.Request(i - 1) == RequestSlots.RequestSize);
                slots.Reply(i)[0] = 1;
                slots.Reply(i)[RequestSlots.ReplySize - 1] = 1; // mapped to its last byte
                *(ulong*)(slots.Request(i) + 8) = ulong.MaxValue;
                slots.Clear(i);
                Assert.Equal(0ul, *(ulong*)(slots.Request(i) + 8));
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void Slots_are_one_to_eight(int count) => Assert.Throws<ArgumentOutOfRangeException>(() => new RequestSlots(count));

    private static int OffsetOf(Type structure, string field) => (int)Marshal.OffsetOf(structure, field);
}
