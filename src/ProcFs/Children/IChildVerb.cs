namespace ProcFs.Children;

/// <summary>A child at work, as whoever must not wait for it sees it.</summary>
internal interface IChildVerb : IDisposable
{
    /// <summary>Readable from its end on; negative: there is none, and it has to be asked.</summary>
    int Descriptor { get; }

    /// <summary>Asks, without waiting.</summary>
    /// <param name="exitCode">128 and the signal when it was killed; null: nobody knows.</param>
    bool HasEnded(out int? exitCode);
}
