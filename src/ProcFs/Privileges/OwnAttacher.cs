using ProcFs.Children;
using ProcFs.Fuse;
using ProcFs.Interop;

namespace ProcFs.Privileges;

/// <summary>What an attacher does, done by this process: the attacher's own part, and a daemon's that has none.</summary>
/// <param name="places">Where.</param>
/// <param name="why">Why there is no process of its own for it; null in that process.</param>
internal sealed class OwnAttacher(AttacherPlaces places, string? why = null) : IAttacher
{
    public string? WhyNotSeparate => why;

    public bool IsThere => true;

    public void Mount(FuseDevice device, uint maxRead, string? context) => FuseMount.Mount(device, places.Private, maxRead: maxRead, context: context);

    public int DetachAll(bool isPublic) => FuseMount.DetachAll(isPublic ? places.Public : places.Private, procRoot: places.ProcRoot);

    public void DetachBlindly() => FuseMount.Detach(places.Private);

    public string? Bind() => CommonBind.Make(places.Private, MountPoint.Canonical(places.Public), places.ProcRoot);

    public IAttachRun? Attach(out string reason)
    {
        ChildVerb? child = StartAttach(out reason);
        return child is null ? null : new ChildRun(child);
    }

    /// <summary>The same, as the child that it is.</summary>
    public ChildVerb? StartAttach(out string reason)
    {
        ChildVerb? child = ChildVerb.Start(AttachVerbs.AttachAll(places.RootArguments), out Errno error, isOfService: true);
        reason = child is null ? Libc.Describe(error) : "";
        return child;
    }

    public bool DetachContainers(out int? exitCode, out string? reason)
    {
        using ChildVerb? child = ChildVerb.Start(AttachVerbs.DetachAll(places.RootArguments), out Errno error, isOfService: true);
        reason = child is null ? Libc.Describe(error) : null;
        exitCode = null;
        return child is null || child.WaitForEnd(AttachVerbs.DetachWithin, out exitCode);
    }

    public void Dispose()
    {
    }

    private sealed class ChildRun(ChildVerb child) : IAttachRun
    {
        public int? WaitForEnd()
        {
            _ = child.WaitForEnd(TimeSpan.MaxValue, out int? exitCode);
            return exitCode;
        }

        public void Kill() => child.Kill();

        public void Dispose() => child.Dispose();
    }
}
