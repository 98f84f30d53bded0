using ProcFs.Fuzz.Mutation;

namespace ProcFs.Fuzz.Targets;

/// <summary>A part of the program that reads what others wrote.</summary>
internal interface IFuzzTarget : IDisposable
{
    /// <summary>How inputs of this kind are changed.</summary>
    IReadOnlyList<Change> Changes { get; }

    /// <summary>No input is longer, in bytes.</summary>
    int LongestInput => 16 * 1024;

    /// <summary>What one input may allocate, in bytes.</summary>
    long MostAllocated => 32 << 20;

    /// <summary>Inputs that are right, from the captured hosts or as the program writes them.</summary>
    IEnumerable<byte[]> Seeds();

    /// <summary>Tries an input. What comes out of the last one must not matter.</summary>
    /// <exception cref="Engine.FuzzDefect">Something that must hold does not. Any other exception is a defect, too.</exception>
    void Try(ReadOnlySpan<byte> input);
}
