namespace ProcFs.Serving;

/// <summary>Texts that need not be made again, for all workers.</summary>
/// <param name="Recent">Of the last moment.</param>
/// <param name="Still">Those that hardly ever change.</param>
internal sealed record MadeTexts(RenderedTexts Recent, StillTexts Still);
