using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse;

// INIT, DESTROY, STATFS
public sealed partial class Dispatcher
{
    private const uint Major = 7;

    /// <summary>The newest minor we know. Nothing used here has changed layout since 7.23; decide by flags, not by minor.</summary>
    private const uint NewestMinor = 45;

    /// <summary>Below it the kernel wants a shorter answer to INIT (24 bytes); Linux 4.18, the oldest we serve, has 27.</summary>
    private const uint OldestMinor = 23;

    /// <summary>The least the kernel accepts; nothing is ever written.</summary>
    private const uint MaxWrite = 4096;

    internal int Initialize(ref Request request)
    {
        if (!request.Body.TryRead(out FuseInitIn init))
        {
            return Malformed(request.Header.Opcode, (int)request.Header.Len);
        }

        if (init.Major > Major)
        {
            // The kernel sends a second INIT in our version.
            return request.Reply.Write(new FuseInitOut { Major = Major });
        }

        if (init.Major < Major || init.Minor < OldestMinor)
        {
            _faults.ProtocolTooOld(init.Major, init.Minor);
            return -(int)FuseErrno.EPROTO;
        }

        FuseInitFlags offered = (FuseInitFlags)init.Flags;
        if (offered.HasFlag(FuseInitFlags.FUSE_INIT_EXT) && request.Body.TryRead(out FuseInitInExtension extension))
        {
            offered |= (FuseInitFlags)((ulong)extension.Flags2 << 32);
        }

        FuseInitFlags accepted = offered & FuseInitFlags.Accepted;
        FuseInitOut answer = new()
        {
            Major = Major,
            Minor = Math.Min(init.Minor, NewestMinor),
            MaxReadahead = init.MaxReadahead,
            Flags = (uint)accepted,
            Flags2 = (uint)((ulong)accepted >> 32),
            MaxBackground = 64,
            CongestionThreshold = 48,
            MaxWrite = MaxWrite,
            TimeGran = 1,
        };
        _session.Settle(answer.Minor, (ulong)accepted); // before the reply goes out: the kernel says INIT only once
        return request.Reply.Write(in answer);
    }

    internal int Destroy()
    {
        _session.IsDestroyed = true;
        return 0;
    }

    internal static int StatFs(ref Request request) => request.Reply.Write(new FuseStatfsOut
    {
        Bsize = BlockSize,
        Frsize = BlockSize,
        NameLen = FuseName.MaxLength,
    });
}
