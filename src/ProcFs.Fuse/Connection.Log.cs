using Microsoft.Extensions.Logging;

namespace ProcFs.Fuse;

// What it logs, in one declaration: the generator writes the declarations of a class in no order that is the same twice (docs/packages.md, Reproducible).
public sealed unsafe partial class Connection
{
    [LoggerMessage(1011, LogLevel.Error, "Reading from the FUSE device failed: {Error}; this worker stops.")]
    private static partial void LogReadFailed(ILogger logger, string error);

    [LoggerMessage(1012, LogLevel.Error, "Writing to the FUSE device failed: {Error}; this worker stops.")]
    private static partial void LogWriteFailed(ILogger logger, string error);

    [LoggerMessage(1013, LogLevel.Error,
        "The kernel refused the reply to {Operation} (opcode {Opcode}, request {RequestLength} bytes, reply {ReplyLength} bytes): {Error}; told once per opcode.")]
    private static partial void LogReplyRejected(ILogger logger, string operation, uint opcode, int requestLength, int replyLength, string error);

    [LoggerMessage(1014, LogLevel.Critical, "Worker {Index} stopped by a fault of its own.")]
    private static partial void LogWorkerFault(ILogger logger, Exception exception, int index);

    [LoggerMessage(1021, LogLevel.Error,
        "A {Operation} request (opcode {Opcode}) of node {NodeId} is given up and answered EIO: {Recoveries} servers in a row have met it, and none before this one has answered it.")]
    private static partial void LogPoisoned(ILogger logger, string operation, uint opcode, ulong nodeId, ulong recoveries);

    [LoggerMessage(1022, LogLevel.Error, "Request slot {Slot} of the journal holds no request (length {Length}); answered EIO.")]
    private static partial void LogSlotUnusable(ILogger logger, int slot, uint length);
}
