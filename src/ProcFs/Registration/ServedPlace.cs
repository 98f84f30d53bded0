namespace ProcFs.Registration;

/// <summary>Where the files are taken from.</summary>
/// <param name="Mount">The private mount.</param>
/// <param name="Minor">Its device; 0: it is not known.</param>
internal readonly record struct ServedPlace(string Mount, uint Minor);
