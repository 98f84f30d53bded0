using System.Globalization;
using ProcFs.Interop;

namespace ProcFs.Keeping;

// A server that was there before us: our predecessor's, which outlived it.
internal sealed partial class Supervisor
{
    private OtherServer _other;
    private long _otherUntilNs;

    private enum OtherServer
    {
        None,

        /// <summary>It has the mount, and we do not have its descriptors yet.</summary>
        Unregistered,

        /// <summary>It has registered and is told to end.</summary>
        Leaving,
    }

    private void LookForOther()
    {
        if (_options.Holder(_options.RunDirectory, _options.Mount) is > 0 and int pid)
        {
            LogOther(_options.Mount, pid);
            _other = OtherServer.Unregistered;
            _otherUntilNs = NowNs + _options.RegistersWithin.ToNs();
        }
    }

    private void ActOnOther(long now)
    {
        int pid = _options.Holder(_options.RunDirectory, _options.Mount);
        if (pid <= 0)
        {
            _other = OtherServer.None;
            _restUntilNs = now;
        }
        else if (_other == OtherServer.Unregistered && _isStopping)
        {
            _goodbye?.Invoke(string.Create(CultureInfo.InvariantCulture, $"{_options.Mount} is served by process {pid}, which was not started here: stop that one first"));
            _outcome = (int)ExitCode.Done; // it serves on, as it did before us
        }
        else if (_other == OtherServer.Unregistered && HasDescriptors)
        {
            LogTakingOver(_options.Mount, pid);
            _options.Signal(pid, Libc.SIGTERM);
            _other = OtherServer.Leaving;
            _otherUntilNs = now + _options.EndsWithin.ToNs();
        }
        else if (now >= _otherUntilNs && _other == OtherServer.Leaving)
        {
            LogDoesNotEnd(pid);
            _options.Signal(pid, Libc.SIGKILL);
            _otherUntilNs = now + _options.EndsWithin.ToNs();
        }
        else if (now >= _otherUntilNs)
        {
            throw new Failure(ExitCode.Failed, string.Create(CultureInfo.InvariantCulture,
                $"{_options.Mount} is served by process {pid} already, which does not hand over to a supervisor: stop that one, or choose another directory with --mount"));
        }
    }
}
