using ProcFs.Fuzz.Targets;

namespace ProcFs.Fuzz.Engine;

/// <summary>Tries one input of a target.</summary>
internal static class Attempt
{
    /// <returns>What came out; null: all is well.</returns>
    public static Exception? At(IFuzzTarget target, ReadOnlySpan<byte> input)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Coverage.Begin();
        try
        {
            target.Try(input);
        }
        catch (Exception exception) // whatever comes out is the finding
        {
            return exception;
        }
        finally
        {
            Coverage.End();
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return allocated <= target.MostAllocated ? null : new FuzzDefect("an input does not make it allocate much", $"{allocated} bytes");
    }
}
