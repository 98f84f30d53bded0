namespace ProcFs.Hook.Control;

/// <summary>One packet to the daemon.</summary>
/// <param name="Verb">What is wanted.</param>
/// <param name="Name">The container's <see cref="RunDirectory.RegistryName"/>; empty for <see cref="ControlVerb.Where"/> and <see cref="ControlVerb.Reload"/>.</param>
public readonly record struct ControlRequest(ControlVerb Verb, string Name = "");
