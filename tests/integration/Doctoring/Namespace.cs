using System.Globalization;

namespace ProcFs.Integration.Tests.Doctoring;

/// <summary>A mount namespace, in which a test breaks what the host itself needs.</summary>
internal sealed class Namespace : IDisposable
{
    private readonly Running _holder = Child.Start("unshare", "--mount", "--propagation", "private", "sleep", "3600");

    public Namespace() => Assert.True(Pace.Until(10, () => Processes.CommandLine(_holder.Process.Id) is ["sleep", ..]), "no mount namespace was made");

    /// <summary>What to put before a command that is to run in it.</summary>
    public string[] Inside => ["nsenter", "--target", _holder.Process.Id.ToString(CultureInfo.InvariantCulture), "--mount", "--"];

    public Output Run(params string[] command) => Child.Run([.. Inside, .. command]);

    public void Dispose() => _holder.Dispose();
}
