namespace ProcFs.Hook.Hooking;

/// <summary>When a hook is called (OCI runtime specification, "POSIX-platform Hooks").</summary>
internal enum HookStage
{
    /// <summary>The container's namespaces and mounts exist, pivot_root(2) is to come; called in the runtime's namespaces.</summary>
    CreateRuntime,

    /// <summary>The older name of the same.</summary>
    Prestart,

    /// <summary>The same moment, in the container's own namespaces.</summary>
    CreateContainer,

    /// <summary>Its program was started, or is about to be; called in the runtime's namespaces.</summary>
    Poststart,

    /// <summary>It is gone.</summary>
    Poststop,
}
