using ProcFs.Children;

namespace ProcFs.Tests.Support;

/// <summary>A child that takes files out of containers, or would; it ends when a test says so.</summary>
internal sealed class FakeDetach(int descriptor = -1) : IChildVerb
{
    public int Descriptor => descriptor;

    /// <summary>Null: it is at work.</summary>
    public int? ExitCode { get; set; }

    public bool IsDisposed { get; private set; }

    /// <summary>One that is done at once, and had nothing to do.</summary>
    public static FakeDetach Done(string mount = "") => new() { ExitCode = 0 };

    public bool HasEnded(out int? exitCode)
    {
        exitCode = ExitCode;
        return ExitCode is not null;
    }

    public void Dispose() => IsDisposed = true;
}
