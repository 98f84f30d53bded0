namespace ProcFs.Containers;

/// <summary>How containers are shown as of now: for all, and where one has choices of its own. Shared by all workers; may change at any moment.</summary>
/// <param name="options">For all.</param>
/// <param name="choices">The containers' own.</param>
internal sealed class ViewSettings(ViewOptions options, IViewChoices choices)
{
    private ViewOptions _options = options;

    public ViewOptions Options
    {
        get => Volatile.Read(ref _options);
        set => Volatile.Write(ref _options, value);
    }

    public IViewChoices Choices => choices;
}

/// <summary>The choices that were made for single containers.</summary>
internal interface IViewChoices
{
    /// <summary>Grows with each change.</summary>
    int Version { get; }

    /// <summary>Those of the container with this first process; null: none.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="startNs">Its start in ns since boot.</param>
    ViewChoice? Find(int pid, long startNs);
}
