using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ProcFs.Interop;
using ProcFs.Logging;
using ProcFs.Privileges;

namespace ProcFs.Serving;

/// <summary>The daemon's life: checks, host, exit code.</summary>
internal static class Daemon
{
    /// <exception cref="Failure">It cannot start; the sentence says why.</exception>
    /// <exception cref="Fuse.FuseException">The device or the mount was refused.</exception>
    public static ExitCode Run(DaemonOptions options)
    {
        if (Libc.EffectiveUserId() != 0)
        {
            throw new Failure(ExitCode.Impossible, "serve needs root: to mount, and to read other processes' cgroups and namespaces");
        }

        MountVisibility.Check(options.Roots.Proc);
        MountVisibility.RefuseOwnFiles(options.Roots);
        using IAttacher attacher = Separation.Enter(ServedMounts.PlacesOf(options.Mount, options.RunDirectory, options.Roots.Proc, options.RootArguments), isWanted: !options.ForParent);
        if (options.ForParent)
        {
            _ = Libc.SetSid();
            _ = Libc.SignalAtParentsEnd(Libc.SIGTERM);
        }

        // Never given back: when we leave, workers serve on until the process is gone, and no other server may run meanwhile.
        ServerLock serverLock = ServerLock.Take(options.RunDirectory, options.Mount);
        using Serilog.Core.Logger log = LogSetup.Create(options.Config);
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "procfs" });
        builder.Logging.SetMinimumLevel(LogLevel.Debug); // the log has its own, which may change
        Serilog.SerilogLoggingBuilderExtensions.AddSerilog(builder.Logging, log);
        builder.Services.Configure<ConsoleLifetimeOptions>(lifetime => lifetime.SuppressStatusMessages = true);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(attacher);
        builder.Services.AddSingleton<Custody>();
        builder.Services.AddSingleton<FuseServer>();
        builder.Services.AddHostedService(services => services.GetRequiredService<FuseServer>());
        using IHost host = builder.Build();
        FuseServer server = host.Services.GetRequiredService<FuseServer>();
        // A closed terminal ends a daemon like SIGTERM does; without this it would leave its mount behind.
        using PosixSignalRegistration onHangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        });
        using PosixSignalRegistration onUser1 = PosixSignalRegistration.Create((PosixSignal)Libc.SIGUSR1, context =>
        {
            context.Cancel = true;
            server.HandOver();
        });
        using PosixSignalRegistration onUser2 = PosixSignalRegistration.Create((PosixSignal)Libc.SIGUSR2, context =>
        {
            context.Cancel = true;
            server.ToggleFiles();
        });
        host.Run();
        GC.KeepAlive(serverLock);
        return server.Outcome;
    }
}
