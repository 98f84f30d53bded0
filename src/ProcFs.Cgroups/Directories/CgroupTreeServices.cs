namespace ProcFs.Cgroups;

/// <summary>What all directories of a tree share.</summary>
internal sealed record CgroupTreeServices(DescriptorPool Pool, CgroupReports Reports, TimeProvider Time);
