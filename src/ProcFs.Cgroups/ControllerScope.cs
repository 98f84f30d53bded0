namespace ProcFs.Cgroups;

/// <summary>Whose values a group of <see cref="ContainerResources"/> holds.</summary>
public enum ControllerScope
{
    /// <summary>Nobody's: no hierarchy has the controller, the container's path in it is outside of our view, or the files are missing.</summary>
    Absent,

    /// <summary>The container's cgroup for this controller is the root of the hierarchy: the container is unrestricted, no values are read.</summary>
    Root,

    /// <summary>The container's.</summary>
    Container,
}
