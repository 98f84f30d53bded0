namespace ProcFs.Attaching;

/// <summary>Where attach and detach look.</summary>
/// <param name="RunDirectory">Of the daemon.</param>
/// <param name="ProcRoot">The procfs of the host that has the containers.</param>
/// <param name="Session">The name of the daemon's mount point; null: nobody said, and all that were served with this run directory are meant.</param>
internal sealed record AttachOptions(string RunDirectory, string ProcRoot, string? Session);
