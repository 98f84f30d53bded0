using ProcFs.Host;

namespace ProcFs.Doctor;

/// <summary>Where doctor looks.</summary>
internal sealed record DoctorPlaces
{
    /// <summary>The trees of the host that has the containers.</summary>
    public required HostRoots Roots { get; init; }

    /// <summary>The daemon's run directory.</summary>
    public required string RunDirectory { get; init; }

    /// <summary>Where the files are served.</summary>
    public required string Mount { get; init; }

    /// <summary>The configuration file that was named; null: the default one.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>What looking at all containers may take, and at one of them: each decides how long that is.</summary>
    public (TimeSpan All, TimeSpan One) ContainersWithin { get; init; } = (TimeSpan.FromMilliseconds(400), TimeSpan.FromMilliseconds(100));

    /// <summary>In front of all other paths of the host, as /etc and /usr; "" is the host itself.</summary>
    public string Root { get; init; } = "";
}
