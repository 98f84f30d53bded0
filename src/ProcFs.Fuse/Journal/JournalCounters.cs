namespace ProcFs.Fuse;

/// <summary>What has happened to a session since it began, over all of its servers.</summary>
/// <param name="SlotsAnswered">Requests answered for a server that was gone.</param>
/// <param name="Resends">How often the kernel was asked to send unanswered requests again.</param>
/// <param name="Poisoned">Requests answered EIO since no server survived them.</param>
public readonly record struct JournalCounters(long SlotsAnswered, long Resends, long Poisoned);
