using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// fork(2), for a child that opens trees with open_tree(2) and sends them with sendmsg(2)
internal static unsafe partial class Libc
{
    /// <summary>
    /// A child process that opens a copy of the mount at each path and sends it: a message with a <see cref="TreeAnswer"/>, and the descriptor when
    /// there is one. Then it ends; also when nobody listens any more. Returns its pid, or -errno.
    /// </summary>
    /// <param name="socket">The end of a SOCK_SEQPACKET pair that it sends on. It has no other descriptor of this process.</param>
    /// <param name="paths">Absolute, each with NUL at its end.</param>
    /// <remarks>
    /// The child has this one thread and locks that nobody will ever release. So it never leaves this method, allocates nothing, and calls only what does not
    /// ask the runtime: calls with SuppressGCTransition are bound when this method is compiled, and compile to bare calls. But the compiler has the thread look
    /// after them whether a collection is about to begin, and the child of that moment waits for one that will never end: whoever waits for the child has to
    /// give it up and try again.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static int ForkForTrees(int socket, ReadOnlySpan<byte> paths)
    {
        const nint openTree = 428; // everywhere
        const nint closeRange = 436; // everywhere; not before Linux 5.9
        const int mostDescriptors = 1024; // where that is missing
        const uint flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW;

        TreeAnswer answer = default;
        Iovec part = new() { Base = (byte*)&answer, Length = (nuint)sizeof(TreeAnswer) };
        long* control = stackalloc long[3]; // CMSG_SPACE of one descriptor
        Cmsghdr* header = (Cmsghdr*)control;
        header->Length = (nuint)(sizeof(Cmsghdr) + sizeof(int));
        header->Level = SOL_SOCKET;
        header->Type = SCM_RIGHTS;
        Msghdr message = new() { Parts = &part, PartCount = 1 };
        ushort root = '/'; // with its NUL, on either kind of machine
        root = BitConverter.IsLittleEndian ? root : (ushort)(root << 8);
        fixed (byte* first = paths)
        {
            byte* path = first;
            byte* end = first + paths.Length;
            int pid = child_fork();
            if (pid != 0)
            {
                return pid > 0 ? pid : -*child_errno();
            }

            _ = child_setsid();
            _ = child_chdir((byte*)&root); // no directory of a bundle is kept busy
            if (child_dup2(socket, 0) < 0)
            {
                child_exit(1);
            }

            if (child_syscall(closeRange, 1, (void*)(nuint)uint.MaxValue, 0) < 0)
            {
                for (int descriptor = 1; descriptor < mostDescriptors; descriptor++)
                {
                    _ = child_close(descriptor);
                }
            }

            while (path < end)
            {
                int tree = (int)child_syscall(openTree, AT_FDCWD, path, flags);
                answer.Error = tree < 0 ? *child_errno() : 0;
                *(int*)(header + 1) = tree;
                message.Control = tree < 0 ? null : control;
                message.ControlLength = tree < 0 ? 0 : 3 * (nuint)sizeof(long);
                if (child_sendmsg(0, &message, MSG_NOSIGNAL) < 0)
                {
                    break;
                }

                _ = child_close(tree);
                answer.Index++;
                while (*path++ != 0)
                {
                }
            }

            child_exit(0);
            return 0;
        }
    }

    /// <summary>What the child of <see cref="ForkForTrees"/> says of one path.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TreeAnswer
    {
        /// <summary>Which path, from 0.</summary>
        public int Index;

        /// <summary>The error of open_tree(2); 0: a descriptor comes with the message.</summary>
        public int Error;
    }

    [LibraryImport(Library, EntryPoint = "fork"), SuppressGCTransition]
    private static partial int child_fork();

    [LibraryImport(Library, EntryPoint = "__errno_location"), SuppressGCTransition]
    private static partial int* child_errno();

    [LibraryImport(Library, EntryPoint = "setsid"), SuppressGCTransition]
    private static partial int child_setsid();

    [LibraryImport(Library, EntryPoint = "chdir"), SuppressGCTransition]
    private static partial int child_chdir(byte* path);

    [LibraryImport(Library, EntryPoint = "dup2"), SuppressGCTransition]
    private static partial int child_dup2(int oldfd, int newfd);

    [LibraryImport(Library, EntryPoint = "close"), SuppressGCTransition]
    private static partial int child_close(int fd);

    [LibraryImport(Library, EntryPoint = "syscall"), SuppressGCTransition]
    private static partial nint child_syscall(nint number, nint first, void* second, nuint third);

    [LibraryImport(Library, EntryPoint = "sendmsg"), SuppressGCTransition]
    private static partial nint child_sendmsg(int sockfd, Msghdr* msg, int flags);

    [LibraryImport(Library, EntryPoint = "_exit"), SuppressGCTransition]
    private static partial void child_exit(int status);
}
