namespace ProcFs.Hook.Wrapping;

/// <summary>How the wrapper gets the files into a container.</summary>
internal enum WrapMode
{
    /// <summary>By a hook in its config.json: the container starts without a daemon, too, and gets a view of its own.</summary>
    Hooks,

    /// <summary>By mounts in its config.json: for runtimes that run no hooks. Only the common files, and of those the ones that runtimes allow.</summary>
    Mounts,
}
