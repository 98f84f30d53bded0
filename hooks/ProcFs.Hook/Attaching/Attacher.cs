namespace ProcFs.Hook.Attaching;

/// <summary>
/// Gets files into one mount namespace and out of it again. Nothing of the container is believed: it may be root in there, and remount,
/// rename and race as it likes. What could wait for one of its file systems, or for a stopped daemon, happens on threads that are left
/// behind when time is up; so the caller is a program that ends soon. Works on one container at a time; several calls may run in parallel.
/// </summary>
public static class Attacher
{
    /// <summary>Attaches files to a container, or puts them in the place of dead ones. Never throws for anything that a container or kernel does.</summary>
    public static AttachReport Attach(AttachRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Deadline deadline = new(request.Within);
        using TargetProcess? target = TargetProcess.Open(request.Pid, request.StartTime, request.ProcRoot, out string? refusal);
        using EnteredThread? thread = target is null ? null : EnteredThread.Enter(target, request.ProcRoot, deadline, out refusal);
        if (thread is null)
        {
            return new AttachReport(refusal, []);
        }

        using EnteredNamespace entered = new(thread, request.ProcRoot, request.RootPath, deadline);
        return new AttachRun(request, entered, deadline).Run();
    }

    /// <summary>
    /// Takes all files of ours, live and dead, of whatever container, off a container's /proc and /sys; what is not ours stays. The report has
    /// the files on which something of ours was.
    /// </summary>
    public static AttachReport Detach(DetachRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Deadline deadline = new(request.Within);
        using TargetProcess? target = TargetProcess.Open(request.Pid, request.StartTime, request.ProcRoot, out string? refusal);
        using EnteredThread? thread = target is null ? null : EnteredThread.Enter(target, request.ProcRoot, deadline, out refusal);
        if (thread is null)
        {
            return new AttachReport(refusal, []);
        }

        using EnteredNamespace entered = new(thread, request.ProcRoot, rootPath: null, deadline);
        return new DetachRun(request, entered).Run();
    }
}
