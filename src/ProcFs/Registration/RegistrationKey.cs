namespace ProcFs.Registration;

/// <summary>What makes a registered container the same one: its name in the spool, and the process that it began with.</summary>
/// <param name="Name">The registry file's name, without .json.</param>
/// <param name="Pid">In the pid namespace of the host that has the containers.</param>
/// <param name="StartTime">In clock ticks since boot: field 22 of /proc/PID/stat.</param>
internal readonly record struct RegistrationKey(string Name, int Pid, ulong StartTime);
