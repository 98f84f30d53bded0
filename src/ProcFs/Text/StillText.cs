namespace ProcFs.Text;

/// <summary>A text that hardly ever changes.</summary>
/// <param name="Bytes">The text; never written to.</param>
/// <param name="Number">Not 0; another text has another one.</param>
internal sealed record StillText(byte[] Bytes, long Number);
