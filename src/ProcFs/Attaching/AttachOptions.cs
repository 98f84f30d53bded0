namespace ProcFs.Attaching;

/// <summary>Where attach and detach look.</summary>
/// <param name="RunDirectory">Of the daemon.</param>
/// <param name="ProcRoot">The procfs of the host that has the containers.</param>
internal sealed record AttachOptions(string RunDirectory, string ProcRoot);
