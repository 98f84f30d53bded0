namespace ProcFs.Fuse;

/// <summary>
/// How a filesystem tells its <see cref="Connection"/> that a worker begins what may take long: another one waits for requests then, if it does.
/// Whatever is not announced must be done at once, since as long as requests come now and then there is one worker for all of them.
/// </summary>
public sealed class LongWork
{
    internal WorkerGate? Gate { get; set; }

    /// <summary>To be called by the worker; <see cref="End"/> has to follow, also after an exception. Not to be nested.</summary>
    public void Begin() => Gate?.Begin();

    /// <summary>It is done.</summary>
    public void End() => Gate?.End();
}
