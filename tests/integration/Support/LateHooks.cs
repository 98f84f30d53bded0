namespace ProcFs.Integration.Tests.Support;

/// <summary>
/// The hook gives the daemon 200 ms: on a machine that stands still for as long it lets a container start without its files, and the daemon brings them ten
/// seconds later. What is about something else starts such a container once more; a whole run of the tests may do so a few times.
/// </summary>
internal static class LateHooks
{
    private const int Most = 4;

    private static int _count;

    /// <summary>A container that its hook has brought files, the first or the second.</summary>
    /// <param name="start">Starts one.</param>
    /// <param name="hasFiles">Whether it has any.</param>
    public static T OnceMore<T>(Func<T> start, Func<T, bool> hasFiles)
        where T : IDisposable
    {
        T first = start();
        try
        {
            if (hasFiles(first))
            {
                return first;
            }
        }
        catch
        {
            first.Dispose();
            throw;
        }

        first.Dispose();
        Count();
        return start();
    }

    /// <summary>The same for what is no object: what is seen in a container that was just started.</summary>
    public static string OnceMore(Func<string> seen, string expected)
    {
        string first = seen();
        if (first == expected)
        {
            return first;
        }

        Count();
        return seen();
    }

    private static void Count()
    {
        _count++;
        TestContext.Current.TestOutputHelper?.WriteLine($"measured: a hook was late, the {_count}. of this run");
        Assert.InRange(_count, 1, Most);
    }
}
