namespace ProcFs.Bench;

/// <summary>This program again, as a server of constant text.</summary>
internal sealed class FloorServer : Server
{
    public const string Subtype = "procfs-floor";
    public const string Ready = "serving";

    /// <param name="site">Where it runs.</param>
    /// <param name="names">Of its files.</param>
    /// <exception cref="BenchFailure">It does not serve; its log is in the message.</exception>
    public FloorServer(Site site, IReadOnlyList<string> names)
        : base(site, "floor", site.NewDirectory("floor"), [OwnProgram.Path, "floor", site.NewDirectory("floor/mount"), site.NewDirectory("floor/texts"), .. names])
        => Await(() => Log.Contains(Ready, StringComparison.Ordinal));

    /// <summary>Says what a file holds, before anybody opens it.</summary>
    public void SetText(string name, byte[] text) => File.WriteAllBytes($"{Directory}/texts/{name}", text);
}
