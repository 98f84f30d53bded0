namespace ProcFs.Doctor.Checks;

/// <summary>Where doctor itself is: what it says is of there.</summary>
internal sealed class NamespaceCheck : ICheck
{
    /// <summary>PROC_PID_INIT_INO: the first pid namespace of a machine has this number, and no other has.</summary>
    private const ulong FirstPidNamespace = 0xeffffffc;

    public string Id => "namespaces";

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        ulong own = host.Namespace("self", "mnt");
        ulong first = host.Namespace("1", "mnt");
        ulong pids = host.Namespace("self", "pid");
        if (own > 0 && first > 0 && own != first)
        {
            yield return Finding.Warning(
                "this is not the mount namespace of process 1: the mounts and files that are looked at are those of here, and not the host's",
                Mend.Run(host.Own.Verb("node run -- doctor")));
        }
        else if (pids > 0 && pids != FirstPidNamespace)
        {
            yield return Finding.Note("this is not the machine's first pid namespace: a daemon in it serves containers in it, and shows all others no limits");
        }
        else
        {
            yield return Finding.Ok(own == 0 ? "its own namespaces are not to be seen" : "this is the host's own pid namespace, and as far as can be seen its mount namespace");
        }
    }
}
