namespace ProcFs.Handover;

/// <summary>Where a keeper listens: <c>keeper.sock</c> in the run directory.</summary>
internal static class KeeperSocket
{
    public const string Name = "keeper.sock";
}
