using System.Diagnostics;

namespace ProcFs.Integration.Tests.Doctoring;

/// <summary>A container that makes looking at it as hard as it can.</summary>
[Trait("run", "long")]
public sealed class HostileContainer(ServedTree tree, ITestOutputHelper output)
{
    /// <summary>Mounts a FUSE file system that never answers, over what somebody might look at from outside, and a thousand other mounts.</summary>
    private const string Script =
        """
        import ctypes, os, time
        libc = ctypes.CDLL(None, use_errno=True)
        def mount(source, target, kind, flags, data):
            if libc.mount(source.encode(), target.encode(), kind.encode(), flags, data.encode() if data else None) != 0:
                raise OSError(ctypes.get_errno(), target)
        def silent(target, mode):
            mount('silent', target, 'fuse', 0, f"fd={os.open('/dev/fuse', os.O_RDWR)},rootmode={mode},user_id=0,group_id=0,allow_other")
        for directory in ['/tmp', '/etc', '/usr/share', '/var/lib', '/run']:
            silent(directory, '40000')
        silent('/proc/meminfo', '100000')
        for _ in range(1000):
            mount('/sys', '/sys', 'none', 4096, '')
        print('hostile', flush=True)
        time.sleep(3600)
        """;

    [Fact]
    public void Delays_nobody()
    {
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();
        using Daemon hostile = Daemon.Begin(null, "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "/usr/bin/python3", "-c", Script);
        hostile.Expect("hostile");
        Doctor doctor = new(tree, site);
        doctor.ExpectOk("keeper");

        Stopwatch watch = Stopwatch.StartNew();
        Diagnosis diagnosis = doctor.Look();

        output.WriteLine($"answered in {watch.ElapsedMilliseconds} ms");
        Assert.True(diagnosis.ExitCode == 0, diagnosis.Raw);
        // A second on a host that is not busy; this one may be.
        Assert.True(watch.Elapsed < Pace.Limit(8), $"{watch.Elapsed}");
        Assert.All(diagnosis.All, told => _ = diagnosis.Of(told.Id));
    }
}
