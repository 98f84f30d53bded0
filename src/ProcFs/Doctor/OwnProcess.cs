namespace ProcFs.Doctor;

/// <summary>A process of ours that runs: the daemon, its attacher, the keeper.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="Since">When it was started, by the host's clock as it goes now.</param>
/// <param name="Label">How a security module confines it, proc_pid_attr(5); empty: not at all, or it is not to be seen.</param>
internal sealed record OwnProcess(int Pid, DateTimeOffset Since, string Label);
