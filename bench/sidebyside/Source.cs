namespace ProcFs.Bench;

/// <summary>Where a file can be read in the container, and who serves it there.</summary>
/// <param name="Name">As it stands in tables and on the command line.</param>
/// <param name="Directory">In the container.</param>
/// <param name="Server">Null: the kernel.</param>
internal sealed record Source(string Name, string Directory, Server? Server)
{
    /// <summary>ProcFs, attached over /proc: the container is known by the file.</summary>
    public const string ProcFs = "procfs";

    /// <summary>ProcFs, bound elsewhere: the caller is looked up. A daemon of its own, so that neither profits from what the other one has just read.</summary>
    public const string Common = "common";

    public const string Lxcfs = "lxcfs";

    /// <summary>A constant text by ProcFs's own protocol code.</summary>
    public const string Floor = "floor";

    /// <summary>The kernel's procfs.</summary>
    public const string Kernel = "kernel";

    public static readonly string[] All = [ProcFs, Common, Lxcfs, Floor, Kernel];

    public string PathOf(string file) => $"{Directory}/{file}";
}
