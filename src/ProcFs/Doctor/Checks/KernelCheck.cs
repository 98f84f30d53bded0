namespace ProcFs.Doctor.Checks;

/// <summary>What this kernel can do of what is used.</summary>
internal sealed class KernelCheck : ICheck
{
    public string Id => "kernel";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        string release = host.Proc("sys/kernel/osrelease").Trim();
        Version kernel = Parse(release);
        KernelFeature[] missing = [.. host.Features.Where(feature => !feature.IsIn(kernel))];
        string[] forAttaching = [.. missing.Where(feature => feature.IsForAttaching).Select(feature => $"{feature.Name} (Linux {feature.Since})")];
        string[] others = [.. missing.Where(feature => !feature.IsForAttaching).Select(feature => $"{feature.Name} (Linux {feature.Since})")];
        if (forAttaching.Length > 0)
        {
            yield return Finding.Warning(
                $"Linux {release} lacks {string.Join(", ", forAttaching)}: no hook and no attach brings files into containers, only binds that their engine makes",
                Mend.Do("run a kernel from 5.12 on, or have the engine bind the files (README, By hand)"));
        }
        else
        {
            yield return Finding.Ok($"Linux {release} has all that is needed ({string.Join(", ", host.Features.Except(missing).Select(feature => feature.Name))})");
        }

        if (others.Length > 0)
        {
            yield return Finding.Note($"Linux {release} lacks {string.Join(", ", others)}: files are replaced in two steps, and a daemon that cannot read its predecessor's journal makes a new mount");
        }
    }

    /// <summary>The numbers in front: "6.1.0-17-amd64" is 6.1.</summary>
    private static Version Parse(string release)
    {
        string[] parts = release.Split('.', '-');
        return parts.Length > 1 && int.TryParse(parts[0], out int major) && int.TryParse(parts[1], out int minor) ? new Version(major, minor) : new Version(0, 0);
    }
}
