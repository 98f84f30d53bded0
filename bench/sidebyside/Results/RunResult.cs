namespace ProcFs.Bench;

/// <summary>The memory of a server before the first read and after the last.</summary>
internal sealed record MemoryChange(string Server, ServerMemory Before, ServerMemory After);

/// <summary>Everything one run found out.</summary>
/// <param name="Machine">Where.</param>
/// <param name="Start">When it began, UTC.</param>
/// <param name="Phases">What was read.</param>
/// <param name="Requests">What the kernel asked for it.</param>
/// <param name="RequestMethod">How that was counted; null: it was not.</param>
/// <param name="Memory">Of the servers.</param>
internal sealed record RunResult(
    Machine Machine, DateTime Start, IReadOnlyList<Phase> Phases, IReadOnlyList<RequestCount> Requests, string? RequestMethod, IReadOnlyList<MemoryChange> Memory);
