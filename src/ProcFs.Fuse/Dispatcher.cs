using Microsoft.Extensions.Logging;
using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse;

/// <summary>
/// Handles requests one at a time and from any thread, without a device: bytes in, bytes out. Every byte of a request counts as
/// hostile. Allocates nothing unless something goes wrong.
/// </summary>
public sealed partial class Dispatcher
{
    /// <summary>The smallest reply buffer: the largest fixed reply, to LOOKUP.</summary>
    public const int MinimumReplySize = 144;

    private readonly IFileSystem _fileSystem;
    private readonly SessionParameters _session;
    private readonly FaultLog _faults;

    /// <summary>A dispatcher for one connection.</summary>
    /// <param name="fileSystem">Asked by all workers at once.</param>
    /// <param name="session">Filled in by INIT.</param>
    /// <param name="logger">Told about malformed requests and faults, once per kind.</param>
    public Dispatcher(IFileSystem fileSystem, SessionParameters session, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(fileSystem);
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(logger);
        _fileSystem = fileSystem;
        _session = session;
        _faults = new FaultLog(logger);
    }

    /// <summary>What INIT has settled on this connection.</summary>
    public SessionParameters Session => _session;

    /// <summary>Handles one request.</summary>
    /// <param name="request">Exactly what one read(2) of the device returned.</param>
    /// <param name="reply">At least <see cref="MinimumReplySize"/> bytes; a READ that asks for more than fits is answered short.</param>
    /// <param name="workerIndex">Passed on to the filesystem.</param>
    /// <returns>How many bytes of <paramref name="reply"/> to write to the device; 0: none, this request has no answer.</returns>
    public int Dispatch(ReadOnlySpan<byte> request, Span<byte> reply, int workerIndex)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(reply.Length, MinimumReplySize, nameof(reply));
        RequestReader reader = new(request);
        // Unique 0 marks a notification in the other direction: nobody could be answered.
        if (!reader.TryRead(out FuseInHeader header) || header.Unique == 0)
        {
            _faults.HeaderUnusable(request.Length);
            return 0;
        }

        Operation operation = OperationTable.Find(header.Opcode);
        ReplyWriter writer = new(reply);
        int result;
        try
        {
            result = Handle(operation, in header, reader, writer, request.Length, workerIndex);
        }
        catch (Exception exception) // the one place: a fault in one request is that request's EIO, never the worker's end
        {
            _faults.Fault(exception, operation.Name, header.NodeId);
            result = -(int)FuseErrno.EIO;
        }

        return operation.ReplyDue ? writer.Complete(header.Unique, result) : 0;
    }

    /// <summary>Whether the filesystem has something left to do for a worker, after its reply was written.</summary>
    internal bool HasMore(int workerIndex) => _fileSystem.HasMore(workerIndex);

    /// <inheritdoc cref="IFileSystem.DoMore"/>
    internal void DoMore(int workerIndex)
    {
        try
        {
            _fileSystem.DoMore(workerIndex);
        }
        catch (Exception exception) // as with a request, but nobody waits for an answer
        {
            _faults.Fault(exception, nameof(DoMore), 0);
        }
    }

    private int Handle(Operation operation, in FuseInHeader header, RequestReader body, ReplyWriter reply, int length, int workerIndex)
    {
        if (header.Len != length || !body.TryTrim(header.TotalExtLen * 8) || body.Rest.Length < operation.MinimumBody)
        {
            return Malformed(header.Opcode, length);
        }

        Request request = new()
        {
            Header = header,
            Context = new RequestContext(header.Unique, header.NodeId, header.Pid, header.Uid, header.Gid, workerIndex),
            Body = body,
            Reply = reply,
        };
        return operation.Handler(this, ref request);
    }

    /// <summary>A filesystem's error as a handler's result. A number no errno has must not pass for a length.</summary>
    private static int Failure(FuseErrno error) => (int)error is > 0 and <= ReplyWriter.MaxErrno ? -(int)error : -(int)FuseErrno.EIO;

    private int Malformed(FuseOpcode opcode, int length)
    {
        _faults.Malformed(opcode, length);
        return -(int)FuseErrno.EINVAL;
    }
}
