using System.Diagnostics;

namespace ProcFs.Fuse.Tests;

/// <summary>How many workers wait for a request at once.</summary>
public sealed class WorkerGateTests
{
    private const int Workers = 4;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan AWhile = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ShortWork = TimeSpan.FromMilliseconds(4); // a worker that stands by has a patience of 5
    private static readonly long Pause = Stopwatch.Frequency;

    [Fact]
    public void One_waits_and_the_others_stand_by()
    {
        using Crew crew = new(Workers);
        Assert.True(crew.GetsIn(0));
        for (int i = 1; i < Workers; i++)
        {
            Assert.True(crew.StaysOut(i));
        }

        Assert.Equal(1, crew.Gate.Waiting);
    }

    [Fact]
    public void The_one_goes_on_by_itself_when_its_work_is_short()
        => Assert.True(Enumerable.Range(0, 20).Any(_ => GoesOnByItself()), "this thread was held up in all of 20 attempts");

    /// <returns>False: this thread was held up for so long that another one rightly took its place.</returns>
    private static bool GoesOnByItself()
    {
        using Crew crew = new(Workers);
        Assert.True(crew.GetsIn(0));
        Assert.True(crew.StaysOut(1));
        for (int request = 0; request < 200; request++)
        {
            crew.Gate.Leave(Pause);
            long began = Stopwatch.GetTimestamp();
            crew.Gate.Begin();
            crew.Gate.End();
            if (Stopwatch.GetElapsedTime(began) > ShortWork)
            {
                return false;
            }

            crew.Gate.Enter();
        }

        Assert.True(crew.IsStillOut(1));
        return true;
    }

    [Fact]
    public void While_one_is_stuck_another_takes_its_place()
    {
        using Crew crew = new(Workers);
        Assert.True(crew.GetsIn(0));
        Assert.True(crew.StaysOut(1));
        Assert.True(crew.StaysOut(2));
        crew.Gate.Leave(Pause);
        crew.Gate.Begin();
        Assert.True(crew.OneOf(1, 2, out int second));

        // And so on, until nobody is left.
        crew.Gate.Leave(Pause);
        crew.Gate.Begin();
        Assert.True(crew.HasEntered(3 - second));
    }

    [Fact]
    public void Whoever_comes_while_all_are_at_work_waits_for_requests()
    {
        using Crew crew = new(Workers);
        Assert.True(crew.GetsIn(0));
        crew.Gate.Leave(Pause);
        Assert.True(crew.GetsIn(1));
        Assert.True(crew.StaysOut(2));
    }

    [Fact]
    public void Requests_without_a_pause_call_everybody_and_a_pause_sends_them_away()
    {
        using Crew crew = new(Workers);
        Assert.True(crew.GetsIn(0));
        for (int i = 1; i < Workers; i++)
        {
            Assert.True(crew.StaysOut(i));
        }

        for (int request = 0; request < 100; request++)
        {
            crew.Gate.Leave(0);
            crew.Gate.Enter();
        }

        for (int i = 1; i < Workers; i++)
        {
            Assert.True(crew.HasEntered(i));
        }

        Assert.Equal(Workers, crew.Gate.Waiting);
        for (int i = 0; i < Workers - 1; i++)
        {
            crew.Gate.Leave(Pause);
            Assert.True(crew.StaysOut(i));
        }

        Assert.Equal(1, crew.Gate.Waiting);
    }

    [Fact]
    public void When_one_leaves_for_good_all_others_are_let_in()
    {
        using Crew crew = new(Workers);
        Assert.True(crew.GetsIn(0));
        for (int i = 1; i < Workers; i++)
        {
            Assert.True(crew.StaysOut(i));
        }

        crew.Gate.Leave(0);
        crew.Gate.Open();
        for (int i = 1; i < Workers; i++)
        {
            Assert.True(crew.HasEntered(i));
        }

        Assert.True(crew.GetsIn(0));
    }

    [Fact]
    public void A_worker_that_is_alone_never_stands_by()
    {
        using Crew crew = new(1);
        for (int i = 0; i < 3; i++)
        {
            Assert.True(crew.GetsIn(0));
            crew.Gate.Leave(Pause);
            crew.Gate.Begin();
            crew.Gate.End();
        }
    }

    /// <summary>Threads that enter a gate, one each; what they do behind it the test does.</summary>
    private sealed class Crew : IDisposable
    {
        private readonly ManualResetEventSlim[] _entered;
        private readonly List<Thread> _threads = [];

        public Crew(int workers)
        {
            Gate = new WorkerGate(workers);
            _entered = [.. Enumerable.Range(0, workers).Select(_ => new ManualResetEventSlim())];
        }

        public WorkerGate Gate { get; }

        public bool GetsIn(int worker)
        {
            Start(worker);
            return HasEntered(worker);
        }

        public bool StaysOut(int worker)
        {
            int before = Gate.StandingBy;
            Start(worker);
            return SpinWait.SpinUntil(() => Gate.StandingBy > before || _entered[worker].IsSet, Soon) && IsStillOut(worker);
        }

        public bool HasEntered(int worker) => _entered[worker].Wait(Soon);

        public bool IsStillOut(int worker) => !_entered[worker].Wait(AWhile);

        public bool OneOf(int first, int second, out int which)
        {
            int index = WaitHandle.WaitAny([_entered[first].WaitHandle, _entered[second].WaitHandle], Soon);
            which = index == 0 ? first : second;
            return index != WaitHandle.WaitTimeout;
        }

        private void Start(int worker)
        {
            _entered[worker].Reset();
            Thread thread = new(() =>
            {
                Gate.Enter();
                _entered[worker].Set();
            })
            {
                IsBackground = true,
            };
            _threads.Add(thread);
            thread.Start();
        }

        public void Dispose()
        {
            Gate.Open();
            _threads.ForEach(thread => Assert.True(thread.Join(Soon)));
            Gate.Dispose();
            foreach (ManualResetEventSlim entered in _entered)
            {
                entered.Dispose();
            }
        }
    }
}
