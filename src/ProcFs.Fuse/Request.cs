using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse;

/// <summary>A request on its way through the dispatcher: header, body still to be read, and where the payload goes.</summary>
internal ref struct Request
{
    public FuseInHeader Header;
    public RequestContext Context;
    public RequestReader Body;
    public ReplyWriter Reply;
}
