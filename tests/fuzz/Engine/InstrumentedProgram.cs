using System.Globalization;

namespace ProcFs.Fuzz.Engine;

/// <summary>This program again, in a directory of its own for as long as it is needed, with what ships instrumented.</summary>
internal sealed class InstrumentedProgram : IDisposable
{
    private readonly string _directory = Path.Combine(Targets.FuzzTargets.Artifacts, string.Create(CultureInfo.InvariantCulture, $"program-{Environment.ProcessId}"));

    public InstrumentedProgram() => Blocks = Instrumenter.Copy(AppContext.BaseDirectory, _directory);

    public int Blocks { get; }

    public string Executable => Path.Combine(_directory, "ProcFs.Fuzz");

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
