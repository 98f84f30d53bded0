using System.CommandLine;
using System.CommandLine.Parsing;

namespace ProcFs.Node;

/// <summary>
/// What a pod says to all programs in it, so that those of kubectl exec and of probes mean the same node as its first one: what they are in the place of an option
/// that is not given.
/// </summary>
internal static class NodeEnvironment
{
    /// <summary>In the place of --directory.</summary>
    public const string Directory = "PROCFS_NODE_DIRECTORY";

    /// <summary>In the place of --containerd-config.</summary>
    public const string ContainerdFile = "PROCFS_CONTAINERD_CONFIG";

    /// <summary>What counts, and by which name it was said: the option where it is given, else the variable. Null: neither is.</summary>
    public static (string Name, string? Value) Chosen(SymbolResult result, Option<string> option, string variable)
        => result.GetResult(option) is { Implicit: false } given ? (option.Name, given.GetValueOrDefault<string>()) : (variable, Of(variable));

    /// <summary>The value; null: there is none, or an empty one.</summary>
    public static string? Of(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
