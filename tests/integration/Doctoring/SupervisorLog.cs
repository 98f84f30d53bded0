namespace ProcFs.Integration.Tests.Doctoring;

/// <summary>What doctor's lines start writes to a log of the host: it is gone afterwards, unless it was there.</summary>
internal sealed class SupervisorLog : IDisposable
{
    private const string Log = "/var/log/procfs.log";

    private readonly bool _wasThere = File.Exists(Log);

    public void Dispose()
    {
        if (!_wasThere)
        {
            File.Delete(Log);
        }
    }
}
