using Microsoft.Extensions.Logging;
using ProcFs.Interop;
using ProcFs.Keeping;

namespace ProcFs.Node;

/// <summary>Looks for containers of pods that run without files, until a signal comes.</summary>
/// <param name="pods">Finds them.</param>
/// <param name="parent">The process whose end is this one's, too; 0: none.</param>
/// <param name="logger">Told what was wrong, and when it is right again.</param>
internal sealed class PodWatch(PodContainers pods, int parent, ILogger logger)
{
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private readonly RepeatedTries _tries = new("the search for containers", logger);

    public void Run(SignalInbox signals)
    {
        while (!signals.TryTake(out _) && (parent == 0 || Libc.ParentProcessId() == parent))
        {
            _tries.Run(() => pods.Attach());
            signals.Wait(LookEvery);
        }
    }
}
