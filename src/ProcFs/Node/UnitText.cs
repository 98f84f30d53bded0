using System.Text;

namespace ProcFs.Node;

/// <summary>The units of systemd/, which are in this program, for another place of the program.</summary>
internal static class UnitText
{
    /// <summary>The service and its keeper.</summary>
    public static IReadOnlyList<string> Names { get; } = ["procfs.service", "procfs-keeper.service"];

    private const string Marker = "# Installed by procfs node, which writes it anew: change it by a drop-in (systemctl edit).";
    private const string ShippedStart = "ExecStart=/usr/bin/procfs ";

    /// <summary>What to write.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="program">The program's path on the node.</param>
    public static string For(string name, string program)
    {
        string shipped = Shipped(name);
        return shipped.Split(ShippedStart).Length == 2
            ? $"{Marker}\n{shipped.Replace(ShippedStart, $"ExecStart={program} ", StringComparison.Ordinal)}"
            : throw new InvalidOperationException($"{name} does not begin as it should: {ShippedStart}");
    }

    /// <summary>Whether a unit on a node was written by us, in whatever version.</summary>
    public static bool IsOurs(string text) => text.StartsWith(Marker, StringComparison.Ordinal);

    private static string Shipped(string name)
    {
        using Stream stream = typeof(UnitText).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not in this program");
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
