using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse;

/// <summary>Handles one opcode; the payload's length, or -errno.</summary>
internal delegate int OperationHandler(Dispatcher dispatcher, ref Request request);

/// <summary>A row of the dispatcher's table.</summary>
/// <param name="Opcode">What the kernel asks.</param>
/// <param name="Name">The kernel's name, for logs and counters.</param>
/// <param name="MinimumBody">A shorter body is answered EINVAL before the handler sees it; in bytes.</param>
/// <param name="Handler">Makes the answer.</param>
/// <param name="ReplyDue">False where the kernel expects no answer at all.</param>
internal sealed record Operation(FuseOpcode Opcode, string Name, int MinimumBody, OperationHandler Handler, bool ReplyDue);
