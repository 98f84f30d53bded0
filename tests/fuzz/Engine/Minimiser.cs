namespace ProcFs.Fuzz.Engine;

/// <summary>Takes away from an input what it does not need to do what it does.</summary>
internal static class Minimiser
{
    /// <param name="input">It does it.</param>
    /// <param name="stillDoes">Whether another one does.</param>
    /// <param name="tries">How many others are tried at most.</param>
    public static byte[] Shorten(byte[] input, Func<byte[], bool> stillDoes, int tries)
    {
        for (int part = Math.Max(1, input.Length / 2); part >= 1 && tries > 0; part /= 2)
        {
            for (int at = 0; at < input.Length && tries > 0;)
            {
                int length = Math.Min(part, input.Length - at);
                byte[] shorter = [.. input[..at], .. input[(at + length)..]];
                tries--;
                if (stillDoes(shorter))
                {
                    input = shorter;
                }
                else
                {
                    at += length;
                }
            }
        }

        return input;
    }
}
