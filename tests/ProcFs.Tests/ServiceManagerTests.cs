using System.Globalization;
using ProcFs.Handover;
using ProcFs.Interop;

namespace ProcFs.Tests;

/// <summary>Who is taken for somebody that keeps descriptors. A wrong yes leaves a dead mount behind; a wrong no takes a living one away.</summary>
public sealed class ServiceManagerTests
{
    private const string Starter = "SYSTEMD_EXEC_PID";
    private const string Nobody = "@procfs-tests-nobody-listens-here";

    private static readonly string Own = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("@x", true, true)]
    [InlineData("@x", false, false)]
    [InlineData(null, true, false)]
    [InlineData("", true, false)]
    [InlineData("vsock:2:1234", true, false)]
    public void Only_one_that_can_be_spoken_to_keeps(string? address, bool isStarter, bool keeps)
    {
        using ServiceManager manager = ServiceManager.From(address, null, null, 1, storesUnmounted: isStarter, keepsDescriptors: isStarter);
        Assert.Equal((keeps, keeps), (manager.KeepsDescriptors, manager.StoresUnmounted));
    }

    [Fact]
    public void Nobody_keeps_nothing() => Assert.False(ServiceManager.None.KeepsDescriptors);

    [Fact]
    public void Systemd_names_the_process_it_started()
    {
        Assert.Equal((true, true), Claim(Own, isSupervised: false));
        // Inherited from somebody that systemd started: it does not know this process.
        Assert.Equal((false, false), Claim("1", isSupervised: false));
        Assert.Equal((false, false), Claim(Own + "0", isSupervised: false));
        Assert.Equal((false, false), Claim("x", isSupervised: false));
    }

    [Fact]
    public void An_older_systemd_is_known_by_being_the_parent()
        => Assert.Equal((Libc.ParentProcessId() == 1, false), Claim(null, isSupervised: false));

    [Fact]
    public void Our_own_supervisor_keeps_whoever_started_that()
    {
        Assert.Equal((true, true), Claim("1", isSupervised: true));
        Assert.Equal((true, true), Claim(null, isSupervised: true));
    }

    [Fact]
    public void Without_an_address_nobody_keeps_whatever_else_is_set()
    {
        Assert.Equal((false, false), Claim(Own, isSupervised: false, address: null));
        Assert.Equal((false, false), Claim(Own, isSupervised: true, address: null));
    }

    /// <summary>As a process whose environment is this; its own is as before afterwards.</summary>
    private static (bool Keeps, bool Unmounted) Claim(string? starter, bool isSupervised, string? address = Nobody)
    {
        string? before = Environment.GetEnvironmentVariable(Starter);
        try
        {
            Environment.SetEnvironmentVariable("NOTIFY_SOCKET", address);
            Environment.SetEnvironmentVariable(Starter, starter);
            using ServiceManager manager = ServiceManager.Claim(isSupervised);
            Assert.Null(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));
            return (manager.KeepsDescriptors, manager.StoresUnmounted);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Starter, before);
        }
    }
}
