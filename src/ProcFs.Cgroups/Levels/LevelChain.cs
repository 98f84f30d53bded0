namespace ProcFs.Cgroups;

/// <summary>
/// The readers of one controller from the container's cgroup upwards, without the root. <see cref="Scope"/> is Absent where the container
/// has no path in the hierarchy, Root where its path is the root. Readers are made when they are first asked for: most containers
/// never have all of their files read.
/// </summary>
internal sealed class LevelChain<TReader>(ControllerScope scope, CgroupLevel[] levels, Func<CgroupLevel, TReader> readerOf)
    where TReader : class
{
    private TReader[]? _readers;

    public ControllerScope Scope => scope;

    public ReadOnlySpan<TReader> Readers => Volatile.Read(ref _readers) ?? MakeReaders();

    /// <summary>
    /// True when any level has vanished. Ancestors vanish after their children, but one that was made anew at the same path may be noticed
    /// here first.
    /// </summary>
    public bool Vanished
    {
        get
        {
            foreach (CgroupLevel level in levels)
            {
                if (level.Directory.Vanished)
                {
                    return true;
                }
            }

            return false;
        }
    }

    // Two threads may both do this; the readers themselves are the levels' and there once.
    private TReader[] MakeReaders()
    {
        TReader[] readers = Array.ConvertAll(levels, level => readerOf(level));
        Volatile.Write(ref _readers, readers);
        return readers;
    }
}
