namespace ProcFs.Integration.Tests.Support;

/// <summary>The number of CPUs as every file and program of a container states it.</summary>
internal static class CpuView
{
    private const string Script =
        """
        echo cpuinfo $(grep -c '^processor' /proc/cpuinfo)
        echo stat $(grep -c '^cpu[0-9]' /proc/stat)
        echo getconf $(getconf _NPROCESSORS_ONLN)
        echo configured $(getconf _NPROCESSORS_CONF)
        echo lscpu $(lscpu -p=CPU | grep -vc '^#')
        echo python $(/usr/bin/python3 -c 'import os; print(os.cpu_count())')
        cd /sys/devices/system/cpu
        echo online "$(cat online)"
        echo possible "$(cat possible)"
        echo present "$(cat present)"
        echo offline "$(cat offline)"
        """;

    public static void AssertShows(int cpus, OciContainer container)
    {
        string list = Host.FirstCpus(cpus);
        string expected = $"""
            cpuinfo {cpus}
            stat {cpus}
            getconf {cpus}
            configured {cpus}
            lscpu {cpus}
            python {cpus}
            online {list}
            possible {list}
            present {list}
            offline{' '}
            """;
        Assert.Equal(expected, container.Shell(Script).Line());
    }
}
