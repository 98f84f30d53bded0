namespace ProcFs.Doctor;

/// <summary>
/// All checks, one after the other, in a thread of their own: one that hangs, in the kernel or in a file system of the host, is left behind and told, and the rest
/// goes on in another thread.
/// </summary>
internal sealed class Examination(DoctorHost host, TimeSpan perCheck)
{
    /// <summary>What a check may take; far more than any should.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>What they found.</summary>
    public IReadOnlyList<(string Part, IReadOnlyList<Told> Findings)> Run(IReadOnlyList<(string Part, IReadOnlyList<ICheck> Checks)> parts)
        => [.. parts.Select(part => (part.Part, (IReadOnlyList<Told>)[.. part.Checks.SelectMany(Run)]))];

    private IEnumerable<Told> Run(ICheck check)
    {
        Finding[]? findings = null;
        Thread thread = new(() => findings = Look(check)) { IsBackground = true, Name = check.Id };
        thread.Start();
        return thread.Join(perCheck) && findings is { } found
            ? found.Select(finding => new Told(check.Id, finding))
            : [new Told(check.Id, Finding.Warning($"was not done within {perCheck.TotalSeconds:0.#} s: something that it looks at hangs"))];
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
