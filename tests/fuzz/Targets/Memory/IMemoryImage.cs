namespace ProcFs.Fuzz.Targets.Memory;

/// <summary>Memory as a daemon leaves it to the next one.</summary>
internal interface IMemoryImage : IDisposable
{
    /// <summary>The bytes as they should be.</summary>
    byte[] Right { get; }

    /// <summary>Where fields begin that are worth a change.</summary>
    IEnumerable<int> Places { get; }

    /// <summary>Takes over what is there.</summary>
    /// <param name="bytes">As long as <see cref="Right"/>.</param>
    /// <param name="flags">Bit 0: what is summed up is summed up again, so that what is behind the sums is reached.</param>
    void Try(byte[] bytes, byte flags);
}
