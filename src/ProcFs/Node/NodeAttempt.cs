using System.Text;
using ProcFs.Hook;

namespace ProcFs.Node;

/// <summary>What is to serve: a version, with what the pod says of it. One that has failed with a wrong configuration may do well with another.</summary>
/// <param name="Version">Its name.</param>
/// <param name="Configuration">The pod's; null: it brings none.</param>
internal sealed record NodeAttempt(string Version, string? Configuration)
{
    /// <summary>One word for both.</summary>
    public string Key { get; } = Configuration is null ? Version : $"{Version}/{Sha256.Hex(Encoding.UTF8.GetBytes(Configuration))}";
}
