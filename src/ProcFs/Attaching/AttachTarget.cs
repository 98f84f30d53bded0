using ProcFs.Hook.Attaching;
using ProcFs.Hook.Registration;

namespace ProcFs.Attaching;

/// <summary>A registered container, and where the daemon has its files.</summary>
/// <param name="Entry">As the spool has it.</param>
/// <param name="Source">…/c/NUMBER on the private mount; empty when nothing is to be attached.</param>
/// <param name="Files">Which of them it is to have.</param>
internal sealed record AttachTarget(RegistryEntry Entry, string Source, IReadOnlyList<string> Files);

/// <summary>What is to be done to one mount namespace, by a process that is in it.</summary>
internal sealed record NamespaceWork(int Pid, ulong StartTime, string Source, IReadOnlyList<string> Files);

/// <summary>What is to be done to one container: its mount namespaces one after the other.</summary>
/// <param name="Id">The engine's id, or "pid-NUMBER" for what is not registered.</param>
/// <param name="Pid">Its first process.</param>
/// <param name="Namespaces">That of the first process comes first.</param>
internal sealed record ContainerWork(string Id, int Pid, IReadOnlyList<NamespaceWork> Namespaces);

/// <summary>What became of it.</summary>
/// <param name="Work">What was to be done.</param>
/// <param name="Reports">One for each namespace.</param>
/// <param name="Milliseconds">How long it took.</param>
internal sealed record ContainerResult(ContainerWork Work, IReadOnlyList<AttachReport> Reports, double Milliseconds);
