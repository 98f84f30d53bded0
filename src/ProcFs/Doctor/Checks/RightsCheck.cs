namespace ProcFs.Doctor.Checks;

/// <summary>What doctor itself cannot see.</summary>
internal sealed class RightsCheck : ICheck
{
    public string Id => "rights";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        if (host.IsRoot)
        {
            yield return Finding.Ok("this is root: everything can be looked at");
            yield break;
        }

        yield return Finding.Warning(
            "this is not root: the daemon and its run directory, the namespaces and mounts of containers and the kernel's log are not looked at",
            Mend.Run($"sudo {host.Own.Verb("doctor")}"));
    }
}
