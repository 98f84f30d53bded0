using Microsoft.Extensions.Logging;
using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse;

/// <summary>
/// Says each thing that goes wrong with requests once: whoever can send requests could otherwise fill the log. A logger that
/// fails is no reason for a request to fail.
/// </summary>
internal sealed partial class FaultLog(ILogger logger)
{
    /// <summary>More kinds of faults than this and something else is wrong; the memory stays bounded.</summary>
    private const int MaxPlaces = 256;

    private readonly HashSet<string> _places = [];
    private ulong _malformedOpcodes;
    private int _headerReported;
    private int _versionReported;

    /// <summary>A request without a usable header.</summary>
    public void HeaderUnusable(int length)
    {
        if (Interlocked.Exchange(ref _headerReported, 1) == 0)
        {
            try
            {
                LogHeaderUnusable(logger, length);
            }
            catch (Exception) // see the summary of the class
            {
            }
        }
    }

    /// <summary>A request whose length or content does not fit its opcode.</summary>
    public void Malformed(FuseOpcode opcode, int length)
    {
        ulong bit = 1UL << (int)((uint)opcode < OperationTable.Size ? (uint)opcode : 0);
        if ((Volatile.Read(ref _malformedOpcodes) & bit) == 0 && (Interlocked.Or(ref _malformedOpcodes, bit) & bit) == 0)
        {
            try
            {
                LogMalformed(logger, OperationTable.Find(opcode).Name, (uint)opcode, length);
            }
            catch (Exception) // see the summary of the class
            {
            }
        }
    }

    /// <summary>A kernel that speaks a protocol we do not.</summary>
    public void ProtocolTooOld(uint major, uint minor)
    {
        if (Interlocked.Exchange(ref _versionReported, 1) == 0)
        {
            try
            {
                LogProtocolTooOld(logger, major, minor);
            }
            catch (Exception) // see the summary of the class
            {
            }
        }
    }

    /// <summary>An exception out of the filesystem or the dispatcher, once per type and place.</summary>
    public void Fault(Exception exception, string operation, ulong nodeId)
    {
        try
        {
            bool isNew;
            lock (_places)
            {
                isNew = _places.Count < MaxPlaces && _places.Add(PlaceOf(exception));
            }

            if (isNew)
            {
                LogFault(logger, exception, operation, nodeId);
            }
        }
        catch (Exception) // a logger's failure, or no memory left to describe the fault
        {
        }
    }

    /// <summary>The exception's type and top frame. From the text of the stack, which needs no reflection.</summary>
    internal static string PlaceOf(Exception exception)
    {
        ReadOnlySpan<char> stack = exception.StackTrace;
        stack = stack.TrimStart();
        int end = stack.IndexOf('\n');
        return string.Concat(exception.GetType().FullName, " ", end < 0 ? stack : stack[..end]);
    }

    [LoggerMessage(1001, LogLevel.Warning, "A request of {Length} bytes has no usable header and gets no reply; told once.")]
    private static partial void LogHeaderUnusable(ILogger logger, int length);

    [LoggerMessage(1002, LogLevel.Warning, "A malformed {Operation} request (opcode {Opcode}, {Length} bytes) was answered EINVAL; told once per opcode.")]
    private static partial void LogMalformed(ILogger logger, string operation, uint opcode, int length);

    [LoggerMessage(1003, LogLevel.Error, "The kernel speaks FUSE {Major}.{Minor}; 7.23 or later is needed.")]
    private static partial void LogProtocolTooOld(ILogger logger, uint major, uint minor);

    [LoggerMessage(1004, LogLevel.Error, "Fault in {Operation} of node {NodeId}: answered EIO; told once per place.")]
    private static partial void LogFault(ILogger logger, Exception exception, string operation, ulong nodeId);
}
