using System.Globalization;
using Microsoft.Extensions.Logging;
using ProcFs.Containers;
using ProcFs.Hook;
using ProcFs.Hook.Registration;
using ProcFs.Interop;
using ProcFs.Keeping;
using ProcFs.Metrics;

namespace ProcFs.Registration;

/// <summary>
/// Gives containers their numbers and takes note of their end. What a registry file says is looked at before it is believed: the process
/// must be there, be the one that is meant, and be in a container. For one thread, but for <see cref="Load"/> before it.
/// </summary>
internal sealed partial class Registrar : IDisposable
{
    private readonly string _runDirectory;
    private readonly CallerContext _callers;
    private readonly RegisteredContainers _containers;
    private readonly NumberTable _numbers;
    private readonly PollLoop _loop;
    private readonly Action<string> _settled;
    private readonly ILogger _logger;
    private readonly ContainerStats? _stats;
    private readonly Dictionary<ulong, Watch> _watches = [];
    private byte[] _buffer = new byte[1024];

    /// <param name="runDirectory">With the registry.</param>
    /// <param name="callers">Where processes are looked at.</param>
    /// <param name="containers">Filled here.</param>
    /// <param name="numbers">Not disposed here.</param>
    /// <param name="loop">Waits for the end of containers.</param>
    /// <param name="settled">Called with the name of each container that is there no more.</param>
    /// <param name="logger">Told what people should know.</param>
    /// <param name="stats">Where reads of containers are counted; null: nowhere.</param>
    public Registrar(
        string runDirectory, CallerContext callers, RegisteredContainers containers, NumberTable numbers, PollLoop loop, Action<string> settled, ILogger logger, ContainerStats? stats = null)
    {
        _stats = stats;
        _runDirectory = runDirectory;
        _callers = callers;
        _containers = containers;
        _numbers = numbers;
        _loop = loop;
        _settled = settled;
        _logger = logger;
    }

    /// <summary>Everything that has a number has its directory again: before anyone is served. Whether it still lives is seen later.</summary>
    public void Load()
    {
        // In their order: of two with one name the later one is meant by it.
        foreach ((ulong number, RegistrationKey key) in _numbers.Known.OrderBy(known => known.Key))
        {
            _containers.Add(new RegisteredContainer(number, key, ChoiceOf));
        }

        _stats?.Load(_numbers.Known.Keys);
    }

    /// <summary>Watches those that live, forgets those that have ended, and clears the registry of what they left.</summary>
    public void LookAround()
    {
        foreach ((ulong number, _) in _numbers.Known.ToArray())
        {
            if (_containers.Find(number) is { } container && !_watches.ContainsKey(number) && !TryWatch(container, out _))
            {
                End(container);
            }
        }
    }

    /// <summary>Registers what a file of the registry says; the same container again has the same number.</summary>
    /// <param name="name">The file's name without .json.</param>
    /// <param name="container">What it is now.</param>
    /// <param name="refusal">Why not, in one sentence.</param>
    public bool TryRegister(string name, out RegisteredContainer? container, out string? refusal)
    {
        container = null;
        refusal = null;
        string path = RunDirectory.RegistryFile(_runDirectory, name);
        if (!RegistryFile.TryRead(path, out RegistryEntry? entry, out string defect))
        {
            refusal = defect.Length > 0 ? defect : $"there is no {path}";
            return false;
        }

        RegistrationKey key = new(name, entry!.Pid, entry.StartTime);
        try
        {
            RegisteredContainer? earlier = _containers.Find(name);
            // Also a known one is made anew: what its file says of how it is shown may have changed.
            RegisteredContainer added = new(earlier?.Key == key ? earlier.Number : 0, key, ChoiceOf);
            if (added.Number == 0 || !_watches.ContainsKey(added.Number))
            {
                if (!IsInContainer(key, out refusal) || !IsAlone(key, out refusal))
                {
                    Delete(name); // else it would be asked for at every start
                    return false;
                }

                added = new RegisteredContainer(_numbers.NumberOf(key), key, ChoiceOf);
                if (!TryWatch(added, out refusal))
                {
                    _numbers.Forget(added.Number);
                    return false;
                }
            }

            if (earlier is not null && earlier.Number != added.Number && !IsAlive(earlier.Key))
            {
                Forget(earlier); // else another engine has one with this id: each keeps its number
            }

            _stats?.Add(added.Number);
            _containers.Add(added);
            container = added;
            LogRegistered(entry.Id, added.Number, key.Pid);
            return true;
        }
        catch (Failure failure)
        {
            LogNotNumbered(failure.Message);
            refusal = failure.Message;
            return false;
        }
    }

    /// <summary>
    /// Somebody says that it has ended: that is looked at. Its engine may have started it again by then, or another engine may have one with
    /// its id. The registry's file goes when its process has ended.
    /// </summary>
    public void Unregister(string name)
    {
        if (_containers.Find(name) is { } container && !IsAlive(container.Key))
        {
            Forget(container);
        }

        string path = RunDirectory.RegistryFile(_runDirectory, name);
        if (!RegistryFile.TryRead(path, out RegistryEntry? entry, out _) || !IsAlive(new RegistrationKey(name, entry!.Pid, entry.StartTime)))
        {
            Delete(name);
        }
    }

    public void Dispose()
    {
        foreach (Watch watch in _watches.Values)
        {
            watch.Dispose();
        }

        _watches.Clear(); // a number that is closed twice is somebody else's by then
    }

    private ViewChoice? ChoiceOf(RegistrationKey key)
        => RegistryFile.TryRead(RunDirectory.RegistryFile(_runDirectory, key.Name), out RegistryEntry? entry, out _) && entry!.Pid == key.Pid && entry.StartTime == key.StartTime
            ? ViewChoice.Of(entry)
            : null;

    private bool IsAlive(RegistrationKey key)
    {
        using ProcessDirectory process = ProcessDirectory.Open(_callers.Proc, key.Pid);
        return IsAlive(process, key);
    }

    private bool IsAlive(in ProcessDirectory process, RegistrationKey key)
        => process.TryRead("stat\0"u8, ref _buffer, out ReadOnlySpan<byte> text) && ProcessStat.TryParse(text, out ProcessStat stat)
            && (ulong)stat.StartTicks == key.StartTime && stat.State is not ((byte)'Z' or (byte)'X');

    /// <summary>Two names for one process would take its files from each other at every attach.</summary>
    private bool IsAlone(RegistrationKey key, out string? refusal)
    {
        foreach ((_, RegistrationKey other) in _numbers.Known)
        {
            if (other.Pid == key.Pid && other.StartTime == key.StartTime && other.Name != key.Name)
            {
                refusal = string.Create(CultureInfo.InvariantCulture, $"process {key.Pid} is registered already, as container {other.Name}");
                return false;
            }
        }

        refusal = null;
        return true;
    }

    private bool IsInContainer(RegistrationKey key, out string? refusal)
    {
        using ProcessDirectory process = ProcessDirectory.Open(_callers.Proc, key.Pid);
        ulong mounts = process.Namespace("ns/mnt\0"u8);
        refusal = mounts != 0 && mounts == _callers.HostMountNamespace
            ? string.Create(CultureInfo.InvariantCulture, $"process {key.Pid} is in no container: it has the host's mount namespace")
            : null;
        return refusal is null;
    }

    /// <summary>False when it has ended, or its number is another process's by now.</summary>
    private bool TryWatch(RegisteredContainer container, out string? refusal)
    {
        RegistrationKey key = container.Key;
        refusal = string.Create(CultureInfo.InvariantCulture, $"process {key.Pid}, started at tick {key.StartTime}, has ended");
        // The descriptor first: if the process is the right one after it was opened, it is the right one's.
        int pidfd = Libc.PidfdOpen(key.Pid);
        using ProcessDirectory process = ProcessDirectory.Open(_callers.Proc, key.Pid);
        if (!IsAlive(process, key))
        {
            _ = pidfd < 0 ? 0 : Libc.Close(pidfd);
            return false;
        }

        if (pidfd < 0)
        {
            // Linux before 5.3, or no descriptor left: its end is then told by its engine, or found at the next start.
            LogNotWatched(key.Name, Libc.Describe(Libc.ErrorOf(pidfd)));
            return true;
        }

        _watches.Add(container.Number, new Watch(_loop, pidfd, () => Ended(container.Number)));
        return true;
    }

    private void Ended(ulong number)
    {
        if (_containers.Find(number) is { } container)
        {
            End(container);
        }
        else if (_watches.Remove(number, out Watch? watch))
        {
            watch.Dispose();
        }
    }

    private void End(RegisteredContainer container)
    {
        Forget(container);
        string path = RunDirectory.RegistryFile(_runDirectory, container.Key.Name);
        if (RegistryFile.TryRead(path, out RegistryEntry? entry, out _) && entry!.Pid == container.Key.Pid && entry.StartTime == container.Key.StartTime)
        {
            Delete(container.Key.Name);
        }

        _stats?.Count(StatsEvent.Ended);
        LogEnded(container.Key.Name, container.Number);
    }

    /// <summary>A name in the registry is its own name there.</summary>
    private void Delete(string name)
    {
        if (RegistryFile.Delete(_runDirectory, name) is { } defect)
        {
            LogNotDeleted(defect);
        }
    }

    private void Forget(RegisteredContainer container)
    {
        if (_watches.Remove(container.Number, out Watch? watch))
        {
            watch.Dispose();
        }

        // The one that is there may have been made after the one we know.
        if (_containers.Find(container.Number) is { } current)
        {
            _containers.Remove(current);
        }

        _numbers.Forget(container.Number);
        _stats?.Remove(container.Number);
        _settled(container.Key.Name);
    }

    private sealed class Watch(PollLoop loop, int pidfd, Action ended) : IDisposable
    {
        private readonly PollLoop.Source _source = loop.Add(pidfd, Libc.POLLIN, _ => ended());

        public void Dispose()
        {
            _source.Remove();
            _ = Libc.Close(pidfd);
        }
    }

    [LoggerMessage(1301, LogLevel.Debug, "container {Id} is number {Number}, by process {Pid}")]
    private partial void LogRegistered(string id, ulong number, int pid);

    [LoggerMessage(1302, LogLevel.Debug, "container {Name}, number {Number}, has ended")]
    private partial void LogEnded(string name, ulong number);

    [LoggerMessage(1303, LogLevel.Warning, "{What}")]
    private partial void LogNotDeleted(string what);

    [LoggerMessage(1304, LogLevel.Error, "{What}: containers that start now are not registered")]
    private partial void LogNotNumbered(string what);

    [LoggerMessage(1305, LogLevel.Warning, "the end of container {Name} cannot be watched for ({Reason})")]
    private partial void LogNotWatched(string name, string reason);
}
