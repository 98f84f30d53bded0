namespace ProcFs.Privileges;

/// <summary>Where an attacher works; nothing that it is asked can change that.</summary>
internal sealed record AttacherPlaces
{
    /// <summary>Where the connection is mounted.</summary>
    public required string Private { get; init; }

    /// <summary>Where the common files are bound.</summary>
    public required string Public { get; init; }

    /// <summary>Where mountinfo is.</summary>
    public required string ProcRoot { get; init; }

    /// <summary>All places as options, for the verbs that go through the containers.</summary>
    public required IReadOnlyList<string> RootArguments { get; init; }
}
