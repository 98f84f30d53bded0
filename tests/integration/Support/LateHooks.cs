using System.Diagnostics;

namespace ProcFs.Integration.Tests.Support;

/// <summary>
/// The hook gives the daemon 200 ms: on a machine that stands still for as long it lets a container start without its files, and the daemon brings them ten
/// seconds later. What is about something else starts such a container once more; a whole run of the tests may do so a few times.
/// </summary>
internal static class LateHooks
{
    private const int Most = 4;

    /// <summary>A daemon that had not been there brings the files at once; for a hook that has registered a container and says nothing more it waits.</summary>
    private static readonly TimeSpan DaemonWaits = TimeSpan.FromSeconds(2);

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

            AssertLate(() => hasFiles(first));
        }
        catch
        {
            first.Dispose();
            throw;
        }

        first.Dispose();
        return start();
    }

    /// <summary>For a container without files: that its hook was late, and no more than that is wrong. A hook that was not run, or refused, or ahead of the daemon, is none.</summary>
    public static void AssertLate(Func<bool> hasFiles)
    {
        Stopwatch since = Stopwatch.StartNew();
        Assert.True(Pace.Until(30, hasFiles), "a container has no files, and the daemon brings it none");
        Assert.True(since.Elapsed > DaemonWaits, $"a container got its files {since.Elapsed} after its start: its hook was not late, nobody listened");
        Count();
    }

    /// <summary>One more.</summary>
    public static void Count()
    {
        _count++;
        TestContext.Current.TestOutputHelper?.WriteLine($"measured: a hook was late, the {_count}. of this run");
        Assert.InRange(_count, 1, Most);
    }
}
