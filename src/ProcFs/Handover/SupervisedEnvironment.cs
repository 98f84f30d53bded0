using System.Globalization;

namespace ProcFs.Handover;

/// <summary>
/// The variables that name the process they are meant for. systemd sets them between fork and exec; our supervisor cannot, it knows the
/// pid only afterwards, and so the child does it itself.
/// </summary>
internal static class SupervisedEnvironment
{
    /// <summary>To be called before <see cref="PassedDescriptors.Claim"/> and <see cref="ServiceManager.Claim"/>.</summary>
    public static void NameThisProcess()
    {
        string pid = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        Environment.SetEnvironmentVariable("LISTEN_PID", pid);
        Environment.SetEnvironmentVariable("WATCHDOG_PID", pid);
    }
}
