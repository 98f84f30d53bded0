using System.Diagnostics;
using ProcFs.Attaching;
using ProcFs.Hook.Attaching;

namespace ProcFs.Tests;

public sealed class ParallelWorkTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);
    private static readonly AttachReport Nothing = new(null, []);

    [Fact]
    public void Containers_that_never_come_back_are_told_of_and_do_not_hold_up_the_others()
    {
        using ManualResetEventSlim end = new();
        List<ContainerResult> results = [];
        long start = Stopwatch.GetTimestamp();
        ParallelWork.Run(Enumerable.Range(1, 10).Select(Container), Short, (work, _) => Act(work.Pid), results.Add);
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20));
        end.Set();
        Assert.Equal(["1", "2", "3", "4", "5", "6"], results.Where(result => result.IsLeftBehind).Select(result => result.Work.Id).Order());
        Assert.All(results.Where(result => result.IsLeftBehind), result => Assert.StartsWith("the kernel did not come back within 1 s", Assert.Single(result.Reports).Refusal));
        Assert.Equal(["10", "7", "8", "9"], results.Where(result => !result.IsLeftBehind).Select(result => result.Work.Id).Order());

        AttachReport Act(int pid)
        {
            if (pid <= 6)
            {
                end.Wait();
            }

            return Nothing;
        }
    }

    [Fact]
    public void A_container_that_hangs_while_it_is_looked_at_is_left_behind_too()
    {
        using ManualResetEventSlim end = new();
        List<ContainerResult> results = [];
        ParallelWork.Run([new ContainerWork("a", 1, Look), Container(2)], Short, (_, _) => Nothing, results.Add);
        end.Set();
        Assert.Equal([("2", false), ("a", true)], results.Select(result => (result.Work.Id, result.IsLeftBehind)));

        IEnumerable<NamespaceWork> Look(Func<TimeSpan> left)
        {
            end.Wait();
            return [];
        }
    }

    [Fact]
    public void All_namespaces_of_a_container_share_its_time()
    {
        List<ContainerResult> results = [];
        ContainerWork many = new("a", 1, _ => Enumerable.Range(1, 100).Select(Namespace));
        TimeSpan time = TimeSpan.FromSeconds(3);
        ParallelWork.Run([many], time, (_, left) => { Thread.Sleep(150); Assert.InRange(left, TimeSpan.Zero, time); return Nothing; }, results.Add, grace: TimeSpan.FromMinutes(1));
        IReadOnlyList<AttachReport> reports = Assert.Single(results).Reports;
        Assert.Equal(100, reports.Count);
        int done = reports.TakeWhile(report => report.Refusal is null).Count();
        Assert.InRange(done, 1, 20);
        for (int i = done; i < reports.Count; i++)
        {
            Assert.Equal(FormattableString.Invariant($"no time was left for the mount namespace of process {i + 1}"), reports[i].Refusal);
        }
    }

    private static ContainerWork Container(int pid) => new(pid.ToString(System.Globalization.CultureInfo.InvariantCulture), pid, _ => [Namespace(pid)]);

    private static NamespaceWork Namespace(int pid) => new(pid, 1, "", []);
}
