using System.Diagnostics;

namespace ProcFs.Doctor;

/// <summary>
/// All checks, one after the other, in a thread of their own: one that hangs, in the kernel or in a file system of the host, is left behind and told, and the rest
/// goes on in another thread.
/// </summary>
internal sealed class Examination(DoctorHost host, TimeSpan perCheck)
{
    /// <summary>What a check may take; far more than any should.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>What all of them may take before patience ends: several may hang in the same thing.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(200);

    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>What they found.</summary>
    public IReadOnlyList<(string Part, IReadOnlyList<Told> Findings)> Run(IReadOnlyList<(string Part, IReadOnlyList<ICheck> Checks)> parts)
        => [.. parts.Select(part => (part.Part, (IReadOnlyList<Told>)[.. part.Checks.SelectMany(Run)]))];

    private IEnumerable<Told> Run(ICheck check)
    {
        Finding[]? findings = null;
        Thread thread = new(() => findings = Look(check)) { IsBackground = true, Name = check.Id };
        TimeSpan left = Together - Stopwatch.GetElapsedTime(_start);
        TimeSpan within = left > perCheck ? perCheck : left > Least ? left : Least;
        thread.Start();
        return thread.Join(within) && findings is { } found
            ? found.Select(finding => new Told(check.Id, OwnCommands.Sayable(finding, OwnCommands.ProgramPath)))
            : [new Told(check.Id, Finding.Warning($"was not done within {within.TotalSeconds:0.#} s: something that it looks at hangs"))];
    }

    private Finding[] Look(ICheck check)
    {
        try
        {
            return [.. check.Look(host)];
        }
        catch (Exception exception) when (exception is Failure or Fuse.FuseException or IOException or UnauthorizedAccessException)
        {
            return [Finding.Warning($"could not be done: {Words.Plain(exception.Message)}")];
        }
    }
}
