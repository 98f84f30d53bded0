namespace ProcFs.Cli;

/// <summary>What a verb answers.</summary>
internal static class StandardOutput
{
    /// <exception cref="Failure">The disk is full, or the reader is gone.</exception>
    public static void Write(ReadOnlySpan<byte> text)
    {
        try
        {
            using Stream output = Console.OpenStandardOutput();
            output.Write(text);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.Failed, $"cannot write to standard output: {exception.Message}");
        }
    }
}
