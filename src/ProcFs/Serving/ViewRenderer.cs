using ProcFs.Containers;
using ProcFs.Files;
using ProcFs.Registration;
using ProcFs.Text;
using ProcFs.Tree;

namespace ProcFs.Serving;

/// <summary>From container or caller to text, for one worker: who is it, what does its cgroup say, what does the file show.</summary>
internal sealed class ViewRenderer(
    CallerResolver resolver, CallerContext callers, RegisteredContainers registered, SnapshotReader reader, Action<uint> unknownCaller) : ITextSource
{
    public void Render(IProcFile file, ulong container, uint threadId, TextBuffer output)
    {
        RegisteredContainer? known = container == 0 ? null : registered.Find(container);
        CallerView view = Resolve(known, threadId);
        if (!reader.TryFill(view, file.Facts, takeWhatIsLeft: false))
        {
            // Its cgroup is gone: the container has moved, or is going. Look once more, then make do with what there is.
            callers.Cache.Forget(view.Container);
            known?.Forget();
            view = Resolve(known, threadId);
            reader.TryFill(view, file.Facts, takeWhatIsLeft: true);
        }

        if (ReferenceEquals(view, callers.Unknown))
        {
            unknownCaller(threadId);
        }

        Write(file, output);
    }

    /// <summary>The text for a container with this cgroup path in every hierarchy.</summary>
    public void RenderCgroup(IProcFile file, string path, TextBuffer output)
    {
        reader.TryFill(resolver.ResolveCgroup(path), file.Facts, takeWhatIsLeft: true);
        Write(file, output);
    }

    /// <summary>The text for the container of a process, whoever asks; false when that has ended.</summary>
    public bool TryRenderProcess(IProcFile file, int pid, ulong startTime, CpuPolicy? cpuPolicy, TextBuffer output)
    {
        if (resolver.ResolveProcess(pid, startTime, cpuPolicy) is not { } view)
        {
            return false;
        }

        reader.TryFill(view, file.Facts, takeWhatIsLeft: true);
        Write(file, output);
        return true;
    }

    /// <summary>Whoever holds a file of a container that has ended is shown its own.</summary>
    private CallerView Resolve(RegisteredContainer? container, uint threadId)
        => container?.View(resolver, reader.Snapshot.Host.Clock.GetTimestamp()) ?? resolver.Resolve(threadId);

    private void Write(IProcFile file, TextBuffer output)
    {
        if (file.ShowsHost(reader.Snapshot))
        {
            output.Write(reader.Snapshot.Host.Now(file.Path));
        }
        else
        {
            file.Render(reader.Snapshot, output);
        }
    }
}
