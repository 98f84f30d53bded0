namespace ProcFs.Children;

/// <summary>The command lines that bring the files into all containers and take them out again.</summary>
internal static class AttachVerbs
{
    /// <summary>How long taking them out may take before the containers are left as they are.</summary>
    public static readonly TimeSpan DetachWithin = TimeSpan.FromSeconds(5);

    /// <param name="rootArguments">Where things are, as options.</param>
    public static IReadOnlyList<string> AttachAll(IReadOnlyList<string> rootArguments) => ["attach", "--all", .. rootArguments];

    /// <inheritdoc cref="AttachAll"/>
    public static IReadOnlyList<string> DetachAll(IReadOnlyList<string> rootArguments) => ["detach", "--all", .. rootArguments];
}
