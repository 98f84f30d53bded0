namespace ProcFs.Fuse;

/// <summary>
/// How a filesystem tells its <see cref="Connection"/> that a worker begins what may take long: another one waits for requests then, if it does.
/// Whatever is not announced must be done at once, since as long as requests come now and then there is one worker for all of them.
/// </summary>
public sealed class LongWork
{
    internal WorkerGate? Gate { get; set; }

    /// <summary>To be called by the worker, which disposes of the result when it is done. Not to be nested.</summary>
    public Announced Begin()
    {
        Gate?.Begin();
        return new Announced(this);
    }

    /// <summary>Work that was announced, until it is disposed of; once.</summary>
    public readonly ref struct Announced : IDisposable
    {
        private readonly LongWork _work;

        internal Announced(LongWork work) => _work = work;

        /// <summary>It is done.</summary>
        public void Dispose() => _work.Gate?.End();
    }
}
