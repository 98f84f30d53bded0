using Microsoft.Extensions.Logging;
using ProcFs.Configuration;
using ProcFs.Containers;
using ProcFs.Interop;
using ProcFs.Logging;

namespace ProcFs.Serving;

/// <summary>
/// Settings that count from the moment they change: the configuration file, and what <c>procfs off</c> has switched off. Whoever looks
/// here has a change taken over; a file that cannot be understood changes nothing.
/// </summary>
internal sealed partial class LiveSettings
{
    private readonly DaemonOptions _options;
    private readonly ViewSettings _settings;
    private readonly ILogger _logger;
    private readonly string _offPath;
    private readonly Lock _lock = new();
    private ProcFsConfig _config;
    private Stamp _configStamp;
    private Stamp _offStamp;
    private OffFiles _off;

    public LiveSettings(DaemonOptions options, ViewSettings settings, ILogger logger)
    {
        _options = options;
        _settings = settings;
        _logger = logger;
        _offPath = OffState.PathOf(options.RunDirectory, options.Mount);
        // Stamps first: what changes while it is read is read again.
        _configStamp = Stamp.Of(options.ConfigFile);
        _offStamp = Stamp.Of(_offPath);
        _config = options.Config;
        _off = ReadOff();
        settings.Options = _config.View with { Off = _off };
        if (options.ConfigDefect is { } defect)
        {
            LogNotReloaded(defect);
        }
        else
        {
            KeepCopy();
        }

        if (!_off.IsNone)
        {
            LogOff(string.Join(", ", _off.Names));
        }
    }

    /// <summary>Takes over what has changed since the last look. From any thread.</summary>
    public void Look()
    {
        lock (_lock)
        {
            bool isChanged = HasChanged(_options.ConfigFile, ref _configStamp) && TryLoad();
            if (HasChanged(_offPath, ref _offStamp))
            {
                _off = ReadOff();
                isChanged = true;
                if (_off.IsNone)
                {
                    LogOn();
                }
                else
                {
                    LogOff(string.Join(", ", _off.Names));
                }
            }

            if (isChanged)
            {
                _settings.Options = _config.View with { Off = _off };
            }
        }
    }

    /// <summary>Switches everything off, or on again when anything is off.</summary>
    /// <exception cref="Failure">That cannot be written down.</exception>
    public void Toggle()
    {
        lock (_lock)
        {
            OffState.Write(_offPath, _off.IsNone ? OffFiles.Of([OffFiles.Every]) : OffFiles.None);
        }

        Look();
    }

    private static bool HasChanged(string path, ref Stamp stamp)
    {
        Stamp now = Stamp.Of(path);
        bool hasChanged = now != stamp;
        stamp = now;
        return hasChanged;
    }

    private OffFiles ReadOff()
    {
        OffFiles off = OffState.Read(_offPath, out string? defect);
        if (defect is not null)
        {
            LogDefect(defect);
        }

        return off;
    }

    private bool TryLoad()
    {
        try
        {
            ProcFsConfig config = _options.LoadConfig();
            string later = string.Join(", ", Later(_config, config));
            if (later.Length > 0)
            {
                LogLater(_options.ConfigFile, later);
            }

            _config = config;
            LogSetup.SetLevel(config.LogLevel);
            KeepCopy();
            LogReloaded(_options.ConfigFile);
            return true;
        }
        catch (Failure failure)
        {
            LogNotReloaded(failure.Message);
            return false;
        }
    }

    /// <summary>What has changed and counts from the next start on.</summary>
    private static IEnumerable<string> Later(ProcFsConfig before, ProcFsConfig now) => new (string Key, bool IsSame)[]
    {
        ("workers", before.Workers == now.Workers),
        ("openFiles", before.OpenFiles == now.OpenFiles),
        ("keptDescriptors", before.KeptDescriptors == now.KeptDescriptors),
        ("logFormat", before.LogFormat == now.LogFormat),
        ("selinuxContext", before.SelinuxContext == now.SelinuxContext),
        ("metrics", before.Metrics == now.Metrics),
    }.Where(setting => !setting.IsSame).Select(setting => setting.Key);

    private void KeepCopy()
    {
        if (LastConfig.Keep(_options.ConfigFile, _options.RunDirectory, _options.Mount) is { } unwritten)
        {
            LogDefect(unwritten);
        }
    }

    /// <summary>By which a file is known to have changed: whatever links lead to it.</summary>
    private readonly record struct Stamp(ulong Inode, uint Device, ulong Size, long Seconds, long Nanoseconds)
    {
        public static unsafe Stamp Of(string path)
        {
            const int modified = 6; // of the times, each two numbers: access, birth, change, modification
            return Libc.Statx(Libc.AT_FDCWD, Libc.PathBytes(path), 0, Libc.STATX_BASIC_STATS, out Libc.StatxBuffer status) < 0
                ? default
                : new Stamp(status.Inode, status.DeviceMinor, status.Size, status.Times[modified], status.Times[modified + 1] & uint.MaxValue);
        }
    }

    [LoggerMessage(1211, LogLevel.Information, "{Path} has changed, and counts as it is now")]
    private partial void LogReloaded(string path);

    [LoggerMessage(1212, LogLevel.Warning, "{Path} has changed: {Keys} will count from the next start on")]
    private partial void LogLater(string path, string keys);

    [LoggerMessage(1213, LogLevel.Error, "the configuration has changed and cannot be used, so the last one still counts: {Reason}")]
    private partial void LogNotReloaded(string reason);

    [LoggerMessage(1214, LogLevel.Warning, "switched off for all containers, so these show the host's values: {Files}")]
    private partial void LogOff(string files);

    [LoggerMessage(1215, LogLevel.Information, "nothing is switched off for all containers any more")]
    private partial void LogOn();

    [LoggerMessage(1216, LogLevel.Error, "{What}")]
    private partial void LogDefect(string what);
}
