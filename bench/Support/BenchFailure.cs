namespace ProcFs.Bench;

/// <summary>Nothing can be measured, for a reason that whoever started it can mend. The message is one sentence for people.</summary>
internal sealed class BenchFailure(string message) : Exception(message);
