using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// sendmsg(2), recvmsg(2) with descriptors and credentials, unix(7), cmsg(3)
internal static unsafe partial class Libc
{
    public const int MSG_DONTWAIT = 0x40;

    /// <summary>The most descriptors that <see cref="SendMessage"/> takes.</summary>
    public const int MostSent = 2;

    private const int MSG_CTRUNC = 0x8;
    private const int MSG_TRUNC = 0x20;
    private const int MSG_NOSIGNAL = 0x4000;
    private const int MSG_CMSG_CLOEXEC = 0x40000000;
    private const int SCM_RIGHTS = 1;
    private const int SCM_CREDENTIALS = 2;

    /// <summary>CMSG_SPACE of one ucred, and of two descriptors: more are never installed, the kernel drops them and says so.</summary>
    private const int ControlSize = 32 + 24;

    /// <summary>Sends one message with up to two descriptors.</summary>
    /// <param name="fd">The socket.</param>
    /// <param name="address">Where to, as for <see cref="Bind"/>; empty on a connected socket.</param>
    /// <param name="payload">The message; never empty, since that is how an end looks.</param>
    /// <param name="descriptors">Stay open here.</param>
    /// <param name="flags">MSG_DONTWAIT, or 0.</param>
    public static nint SendMessage(int fd, ReadOnlySpan<byte> address, ReadOnlySpan<byte> payload, ReadOnlySpan<int> descriptors, int flags)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, MostSent);
        SockaddrUn target = default;
        uint targetLength = address.IsEmpty ? 0 : AddressOf(address, &target);
        if (!address.IsEmpty && targetLength == 0)
        {
            return -(nint)Errno.ENAMETOOLONG;
        }

        long* control = stackalloc long[ControlSize / sizeof(long)];
        fixed (byte* bytes = payload)
        {
            Iovec part = new() { Base = bytes, Length = (nuint)payload.Length };
            Msghdr message = new() { Parts = &part, PartCount = 1 };
            if (targetLength > 0)
            {
                message.Name = &target;
                message.NameLength = targetLength;
            }

            if (!descriptors.IsEmpty)
            {
                Cmsghdr* header = (Cmsghdr*)control;
                header->Length = (nuint)(sizeof(Cmsghdr) + (descriptors.Length * sizeof(int)));
                header->Level = SOL_SOCKET;
                header->Type = SCM_RIGHTS;
                descriptors.CopyTo(new Span<int>(header + 1, descriptors.Length));
                message.Control = control;
                message.ControlLength = AlignedLength(header->Length);
            }

            nint result;
            do
            {
                result = Result(sendmsg(fd, &message, flags | MSG_NOSIGNAL));
            }
            while (Interrupted(result));
            return result;
        }
    }

    /// <summary>
    /// Receives one message. Whatever the result, the descriptors in <paramref name="received"/> are the caller's to close: an empty message
    /// looks like the end of a connection and may carry some all the same.
    /// </summary>
    public static nint ReceiveMessage(int fd, Span<byte> buffer, int flags, out ReceivedParts received)
    {
        received = new ReceivedParts();
        long* control = stackalloc long[ControlSize / sizeof(long)];
        fixed (byte* bytes = buffer)
        {
            Iovec part = new() { Base = bytes, Length = (nuint)buffer.Length };
            Msghdr message;
            nint result;
            do
            {
                message = new Msghdr { Parts = &part, PartCount = 1, Control = control, ControlLength = ControlSize };
                result = Result(recvmsg(fd, &message, flags | MSG_CMSG_CLOEXEC));
            }
            while (Interrupted(result));
            if (result >= 0)
            {
                received.IsTruncated = (message.Flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
                ReadControl((byte*)control, Math.Min(message.ControlLength, ControlSize), ref received);
            }

            return result;
        }
    }

    private static void ReadControl(byte* control, nuint length, ref ReceivedParts received)
    {
        nuint offset = 0;
        while (offset + (nuint)sizeof(Cmsghdr) <= length)
        {
            Cmsghdr* header = (Cmsghdr*)(control + offset);
            if (header->Length < (nuint)sizeof(Cmsghdr) || header->Length > length - offset)
            {
                return;
            }

            ReadOnlySpan<byte> data = new(header + 1, (int)header->Length - sizeof(Cmsghdr));
            if (header->Level == SOL_SOCKET && header->Type == SCM_RIGHTS)
            {
                foreach (int descriptor in MemoryMarshal.Cast<byte, int>(data))
                {
                    received.Add(descriptor);
                }
            }
            else if (header->Level == SOL_SOCKET && header->Type == SCM_CREDENTIALS && data.Length >= sizeof(Credentials))
            {
                received.Sender = MemoryMarshal.Read<Credentials>(data);
            }

            offset += AlignedLength(header->Length);
        }
    }

    /// <summary>CMSG_ALIGN.</summary>
    private static nuint AlignedLength(nuint length) => (length + (nuint)sizeof(nuint) - 1) & ~((nuint)sizeof(nuint) - 1);

    /// <summary>What came with a message: descriptors (close-on-exec) and the sender, where the socket asks for it.</summary>
    public struct ReceivedParts
    {
        // Two are all that is ever sent; without credentials in it the control buffer has room for ten.
        private const int Capacity = (ControlSize - 16) / sizeof(int);
        private fixed int _descriptors[Capacity];

        /// <summary>Something did not fit: the message, or its descriptors. What was left out is gone, not kept.</summary>
        public bool IsTruncated { get; set; }

        /// <summary>Pid 0: not told, or not visible from here.</summary>
        public Credentials Sender { get; set; }

        /// <summary>How many descriptors there are.</summary>
        public int Count { get; private set; }

        /// <summary>The descriptor at a place, which from now on is the caller's alone; -1 when there is none any more.</summary>
        public int Take(int index)
        {
            int descriptor = index < Count ? _descriptors[index] : -1;
            if (descriptor >= 0)
            {
                _descriptors[index] = -1;
            }

            return descriptor;
        }

        /// <summary>Closes every descriptor that nobody has taken.</summary>
        public void CloseRest()
        {
            for (int i = 0; i < Count; i++)
            {
                int descriptor = Take(i);
                if (descriptor >= 0)
                {
                    _ = Close(descriptor);
                }
            }
        }

        internal void Add(int descriptor)
        {
            if (Count < Capacity)
            {
                _descriptors[Count++] = descriptor;
            }
            else
            {
                _ = Close(descriptor);
            }
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Iovec
    {
        public byte* Base;
        public nuint Length;
    }

    /// <summary>struct msghdr. musl has an int and padding where glibc has a size_t: the same on little-endian machines, as long as the padding is 0.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Msghdr
    {
        public void* Name;
        public uint NameLength;
        public uint Padding;
        public Iovec* Parts;
        public nuint PartCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
        public int Padding2;
    }

    /// <summary>struct cmsghdr; the data follows.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Cmsghdr
    {
        public nuint Length;
        public int Level;
        public int Type;
    }

    [LibraryImport(Library)]
    private static partial nint sendmsg(int sockfd, Msghdr* msg, int flags);

    [LibraryImport(Library)]
    private static partial nint recvmsg(int sockfd, Msghdr* msg, int flags);
}
