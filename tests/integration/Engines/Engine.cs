namespace ProcFs.Integration.Tests.Engines;

/// <summary>What a test wants of a container. All get <see cref="Engine.Memory"/> and one CPU.</summary>
internal sealed record Wish
{
    /// <summary>"plain", "read-only", "userns", "cgroupns" or "host-pid".</summary>
    public string Variant { get; init; } = "plain";

    /// <summary>"io.procfs.…=…".</summary>
    public string[] Annotations { get; init; } = [];

    /// <summary>Variables of its processes, "NAME=VALUE".</summary>
    public string[] Environment { get; init; } = [];

    /// <summary>Its init.</summary>
    public string[] Command { get; init; } = ["sleep", "1000"];

    /// <summary>Is ProcFs switched on for it, where that is said for each container?</summary>
    public bool IsChosen { get; init; } = true;
}

/// <summary>A container engine on a stage of its own, with ProcFs plugged in by the files that <c>hooks/</c> ships. One test uses it at a time.</summary>
/// <param name="tree">Where its files go.</param>
/// <param name="programs">What has to be installed.</param>
public abstract class Engine(ServedTree tree, params string[] programs) : IAsyncLifetime
{
    /// <summary>Bytes.</summary>
    internal const long Memory = 64 << 20;

    private Stage? _stage;

    /// <summary>Why this host cannot run it at all; null: it can.</summary>
    internal string? Missing { get; private set; }

    internal Stage Stage => _stage ?? throw new InvalidOperationException(Missing);

    private protected DebianRoot Root { get; private set; } = null!;

    public ValueTask InitializeAsync()
    {
        Open(isPlugged: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Sets the stage: the daemon, then the engine. Nothing happens when the engine is not installed.</summary>
    /// <param name="isPlugged">Does it get what hooks/ ships for it?</param>
    internal void Open(bool isPlugged)
    {
        string[] missing = [.. programs.Where(p => Child.Shell("PATH=$PATH:/usr/sbin:/sbin command -v \"$1\"", p).ExitCode != 0)];
        if (missing.Length > 0)
        {
            Missing = $"not installed: {string.Join(", ", missing)}";
            return;
        }

        Root = DebianRoot.Of(tree);
        _stage = new Stage(tree);
        try
        {
            _stage.Serve();
            if (isPlugged)
            {
                Plug();
            }

            Begin();
        }
        catch
        {
            _stage.Dispose();
            throw;
        }
    }

    /// <summary>Ends it and all its containers.</summary>
    internal void Close() => _stage?.Dispose();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Close();
        return ValueTask.CompletedTask;
    }

    /// <summary>Does it hand annotations on to its runtime?</summary>
    internal virtual bool HasAnnotations => true;

    /// <summary>The ways in which a container can do without.</summary>
    internal virtual IReadOnlyList<Wish> OptOuts => [new() { Environment = ["PROCFS_DISABLE=1"] }, new() { Annotations = ["io.procfs.enable=0"] }];

    /// <summary>Where it mounts something for itself whenever it likes.</summary>
    internal virtual IReadOnlyList<string> OwnMountPoints => [];

    /// <summary>Why there is no container of a variant; null: there is.</summary>
    internal virtual string? WhyNot(string variant) => null;

    /// <summary>Starts a container whose init sleeps.</summary>
    /// <returns>What names it, in commands and in cgroups.</returns>
    internal abstract string Start(Wish wish);

    /// <summary>Runs a command in a container as its engine does.</summary>
    internal abstract Output Exec(string container, params string[] command);

    /// <summary>Stops and starts a container, under the same name.</summary>
    internal abstract void Restart(string container);

    /// <summary>Stops a container and removes it.</summary>
    internal abstract void Remove(string container);

    /// <summary>Installs what hooks/ ships for this engine, as its README there says.</summary>
    private protected abstract void Plug();

    /// <summary>Starts the engine's daemon, when it has one, and gives it an image.</summary>
    private protected virtual void Begin()
    {
    }

    /// <summary>The text of a file below hooks/.</summary>
    private protected static string Shipped(string file) => File.ReadAllText($"{Daemon.Repository}/hooks/{file}");

    private protected Output Run(params string[] command) => Stage.Run(command);

    /// <summary>Each of these after an option: "--env A=1 --env B=2".</summary>
    private protected static IEnumerable<string> Each(string option, IEnumerable<string> values) => values.SelectMany(v => new[] { option, v });
}
