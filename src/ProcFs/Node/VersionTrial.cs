namespace ProcFs.Node;

/// <summary>
/// A version that was switched to and has not been seen to serve yet: what served before it is gone back to when it does not. In a file, since the pod may end in
/// between, and beside the links, since the node may: a boot in the middle of it starts the version that nobody has seen to serve.
/// </summary>
/// <param name="versions">Among which it is.</param>
/// <param name="configuration">Its settings.</param>
internal sealed class VersionTrial(VersionStore versions, NodeConfiguration configuration)
{
    private string TrialFile => versions.TrialFile;

    /// <summary>Whether the current version is one that has not been seen to serve.</summary>
    public bool IsUnderWay => NodeFile.Read(TrialFile) is not null;

    /// <summary>The last version that was seen to serve; null: none was, or no trial is under way.</summary>
    public string? Before => Noted() is { Version.Length: > 0 } noted ? noted.Version : null;

    /// <summary>To be said before the switch and before the settings change. A trial that is under way goes on: its version has not served either.</summary>
    /// <exception cref="Failure">It cannot be written down.</exception>
    public void Begin()
    {
        if (!IsUnderWay)
        {
            _ = NodeFile.Write(TrialFile, $"{versions.Current}\n{configuration.Own}");
        }
    }

    /// <summary>It serves, or was given up.</summary>
    public void End() => NodeFile.Delete(TrialFile);

    /// <summary>Has <see cref="Before"/> be the current version again, with the settings that it had.</summary>
    /// <exception cref="Failure">A file cannot be written.</exception>
    public void GoBack()
    {
        (string version, string? settings) = Noted() ?? throw new InvalidOperationException("no trial is under way");
        configuration.Restore(settings);
        _ = versions.Switch(version);
    }

    /// <summary>The first line is the version's name, the rest are its settings.</summary>
    private (string Version, string? Settings)? Noted()
        => NodeFile.Read(TrialFile)?.Split('\n', 2) is [string version, string settings] ? (version, settings.Length > 0 ? settings : null) : null;
}
