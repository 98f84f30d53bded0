using ProcFs.Containers;
using ProcFs.Files;
using ProcFs.Fuse;
using ProcFs.Hook.Attaching;
using ProcFs.Host;
using ProcFs.Registration;
using ProcFs.Text;
using ProcFs.Tree;

namespace ProcFs.Serving;

/// <summary>From container or caller to text, for one worker: who is it, what does its cgroup say, what does the file show.</summary>
internal sealed class ViewRenderer(
    CallerResolver resolver, CallerContext callers, RegisteredContainers registered, SnapshotReader reader, MadeTexts made, LongWork work, Action<uint> unknownCaller) : ITextSource
{
    private readonly TextBuffer _ahead = new();
    private readonly TextBuffer _still = new();
    private (IProcFile File, ulong Container)? _expected;
    private byte[] _hostText = new byte[4096];

    /// <inheritdoc/>
    public bool HasMore => _expected is not null || reader.IsWalkDue;

    public void Render(IProcFile file, ulong container, uint threadId, TextBuffer output)
    {
        RegisteredContainer? known = Known(container);
        long now = Now();
        if (known?.FreshView(now) is { } fresh && made.Recent.TryWrite(file, fresh, now, output, out _))
        {
            return;
        }

        using LongWork.Announced announced = work.Begin();
        Render(file, known, threadId, now, output);
    }

    private void Render(IProcFile file, RegisteredContainer? known, uint threadId, long now, TextBuffer output)
    {
        CallerView view = Resolve(known, threadId);
        if (!made.Recent.TryWrite(file, view, now, output, out long turn))
        {
            int start = output.Length;
            CallerView shown = Make(file, view, known, threadId, output);
            if (ReferenceEquals(shown, view))
            {
                made.Recent.Finish(file, view, turn, now, output, start);
            }

            view = shown;
        }

        if (ReferenceEquals(view, callers.Unknown))
        {
            unknownCaller(threadId);
        }
    }

    public FuseErrno ErrorOf(IProcFile file) => file.OnlyIfHostHas && reader.Snapshot.Host.IsOff(file.Path) ? FuseErrno.EOPNOTSUPP : FuseErrno.None;

    public CallerView FindView(ulong container, uint threadId)
    {
        using LongWork.Announced announced = work.Begin();
        return Resolve(Known(container), threadId);
    }

    public void Expect(IProcFile file, ulong container) => _expected = made.Recent.IsOn ? (file, container) : null;

    /// <summary>
    /// While the opener of a registered container's file finds its way back from open(2), its text is made. A common file's reader is
    /// known only while it waits for us: by now the thread could be another one.
    /// </summary>
    public void DoMore()
    {
        if (_expected is { } expected)
        {
            _expected = null;
            if (registered.Find(expected.Container) is not null)
            {
                _ahead.Clear();
                Render(expected.File, expected.Container, 0, _ahead);
            }
        }

        if (reader.IsWalkDue)
        {
            using LongWork.Announced announced = work.Begin();
            reader.WalkIfDue();
        }
    }

    public StillText? FindStill(IProcFile file, ulong container)
    {
        if (!file.GoesByCpusAlone || registered.Find(container) is not { } known)
        {
            return null;
        }

        using LongWork.Announced announced = work.Begin();
        return known.View(resolver, Now()) is { } view && reader.TryFill(view, file.Facts, takeWhatIsLeft: false) && !ShowsHost(file)
            ? MakeStill(file)
            : null;
    }

    public bool TryRenderOwn(IProcFile file, ulong container, TextBuffer output)
    {
        if (registered.Find(container) is not { } known)
        {
            return false;
        }

        using LongWork.Announced announced = work.Begin();
        if (known.View(resolver, Now()) is not { } view)
        {
            return false;
        }

        Make(file, view, known, 0, output);
        return true;
    }

    public SeenCpus See(ulong container, uint threadId)
    {
        RegisteredContainer? known = Known(container);
        using LongWork.Announced announced = work.Begin();
        return See(known, threadId);
    }

    public bool TryRender(CpuFile file, int cpu, ulong container, uint threadId, TextBuffer output)
    {
        RegisteredContainer? known = Known(container);
        using LongWork.Announced announced = work.Begin();
        if (file.IsPerCpu)
        {
            return See(known, threadId).TryRender(file, cpu, ref _hostText, output);
        }

        int length = file.Text == CpuText.Empty ? 0 : reader.Snapshot.Host.Cpus.Read(HostCpus.NoCpu, file.HostPath, ref _hostText);
        output.Write(_hostText.AsSpan(0, Math.Max(length, 0)));
        return length >= 0;
    }

    private SeenCpus See(RegisteredContainer? known, uint threadId)
    {
        FillOrLookAgain(Resolve(known, threadId), known, threadId, Facts.Cpus);
        ContainerSnapshot snapshot = reader.Snapshot;
        HostCpus host = snapshot.Host.Cpus;
        return snapshot.SeesHostCpus || snapshot.Options.Off.Contains(CpuDirectory.Name) ? SeenCpus.OfHost(snapshot.Cpus, host) : SeenCpus.OfContainer(snapshot.Cpus, host);
    }

    private CallerView Make(IProcFile file, CallerView view, RegisteredContainer? known, uint threadId, TextBuffer output)
    {
        view = FillOrLookAgain(view, known, threadId, file.Facts);
        Write(file, output);
        return view;
    }

    private CallerView FillOrLookAgain(CallerView view, RegisteredContainer? known, uint threadId, Facts facts)
    {
        if (!reader.TryFill(view, facts, takeWhatIsLeft: false))
        {
            // Its cgroup is gone: the container has moved, or is going. Look once more, then make do with what there is.
            resolver.Forget(view.Container);
            known?.Forget();
            view = Resolve(known, threadId);
            reader.TryFill(view, facts, takeWhatIsLeft: true);
        }

        return view;
    }

    /// <summary>The text for a container with this cgroup path in every hierarchy.</summary>
    public void RenderCgroup(IProcFile file, string path, TextBuffer output)
    {
        FillForCgroup(path, file.Facts);
        Write(file, output);
    }

    /// <summary>What is known of a registered container; null: it has ended. Valid until the next call of anything here.</summary>
    public ContainerSnapshot? FillFor(ulong container, Facts facts)
        => registered.Find(container)?.View(resolver, Now()) is { } view ? Fill(view, facts) : null;

    /// <summary>What is known of the container of a process; likewise.</summary>
    public ContainerSnapshot FillForProcess(uint pid, Facts facts, out InitProcess? init)
    {
        CallerView view = resolver.Resolve(pid);
        init = view.Container.Init;
        return Fill(view, facts);
    }

    /// <summary>What is known of a container with this cgroup; likewise.</summary>
    public ContainerSnapshot FillForCgroup(string path, Facts facts) => Fill(resolver.ResolveCgroup(path), facts);

    private ContainerSnapshot Fill(CallerView view, Facts facts)
    {
        reader.TryFill(view, facts, takeWhatIsLeft: true);
        return reader.Snapshot;
    }

    /// <summary>Null for the common files, and for a number that nobody has.</summary>
    private RegisteredContainer? Known(ulong container) => container == 0 ? null : registered.Find(container);

    /// <summary>Whoever holds a file of a container that has ended is shown its own.</summary>
    private CallerView Resolve(RegisteredContainer? container, uint threadId)
        => container?.View(resolver, Now()) ?? resolver.Resolve(threadId);

    private long Now() => reader.Snapshot.Host.Clock.GetTimestamp();

    private bool ShowsHost(IProcFile file) => reader.Snapshot.Options.Off.Contains(file.Path) || file.ShowsHost(reader.Snapshot);

    private void Write(IProcFile file, TextBuffer output)
    {
        if (ShowsHost(file))
        {
            output.Write(reader.Snapshot.Host.Now(file.Path));
        }
        else if (file.GoesByCpusAlone)
        {
            output.Write(MakeStill(file) is { } still ? still.Bytes : _still.Text);
        }
        else
        {
            file.Render(reader.Snapshot, output);
        }
    }

    /// <summary>The text that goes by the snapshot's CPUs, made now or before; null when it is too long to be kept, and in the scratch alone.</summary>
    private StillText? MakeStill(IProcFile file)
    {
        CpuView cpus = reader.Snapshot.Cpus;
        byte[] host = reader.Snapshot.Host.CpuinfoText;
        if (made.Still.Find(file, cpus, host) is { } found)
        {
            return found;
        }

        _still.Clear();
        file.Render(reader.Snapshot, _still);
        return made.Still.Keep(file, cpus, host, _still.Text);
    }
}
