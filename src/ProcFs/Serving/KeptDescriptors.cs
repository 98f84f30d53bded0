namespace ProcFs.Serving;

/// <summary>What a predecessor left, by descriptor number; ours to close.</summary>
/// <param name="Device">The connection to the kernel.</param>
/// <param name="Journal">Its memory; -1 when only the device was kept.</param>
internal readonly record struct KeptDescriptors(int Device, int Journal);
