namespace ProcFs.Host;

/// <summary>One line of the host's /proc/meminfo.</summary>
/// <param name="Start">Where it starts in the text.</param>
/// <param name="LabelLength">Of its label, with the colon.</param>
/// <param name="Label">What it is about.</param>
/// <param name="Value">The host's number.</param>
/// <param name="IsKb">A unit stands behind the number.</param>
internal readonly record struct MeminfoLine(int Start, int LabelLength, MeminfoLabel Label, long Value, bool IsKb);
