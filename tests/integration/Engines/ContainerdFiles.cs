using System.Text.RegularExpressions;

namespace ProcFs.Integration.Tests.Engines;

/// <summary>What containerd makes of the files that are shipped for it, told by itself: without starting it.</summary>
public sealed partial class ContainerdFiles
{
    [Fact]
    public void The_shipped_file_adds_a_handler_and_keeps_the_default_one()
    {
        (string file, int major) = Shipped();
        string read = Read($"{Daemon.Repository}/hooks/containerd/{file}");
        string[] handlers = [.. Handler().Matches(read).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal)];
        Assert.Equal(["procfs", "runc"], handlers);
        string chosen = Regex.Match(read, "default_runtime_name = ['\"](.*?)['\"]").Groups[1].Value;
        Assert.True(handlers.Contains(chosen), $"containerd {major}.x would refuse pods: its default handler \"{chosen}\" is gone");
        Assert.Matches("BinaryName = ['\"]/usr/bin/procfs-runtime['\"]", read);
    }

    [Fact]
    public void A_file_with_our_handler_alone_would_take_the_default_one_away_from_containerd_1()
    {
        (string file, int major) = Shipped();
        Assert.SkipWhen(major > 1, "this containerd merges");
        string alone = Path.GetTempFileName();
        try
        {
            // What the comment in the file says; when this fails, the comment is no longer true.
            File.WriteAllText(alone, OfRunc().Replace(File.ReadAllText($"{Daemon.Repository}/hooks/containerd/{file}"), "", 1));
            Assert.Equal(["procfs"], Handler().Matches(Read(alone)).Select(match => match.Groups[1].Value));
        }
        finally
        {
            File.Delete(alone);
        }
    }

    private static (string File, int Major) Shipped()
    {
        Output version = Child.Shell("PATH=$PATH:/usr/sbin:/sbin containerd --version");
        Assert.SkipWhen(version.ExitCode != 0, "not installed: containerd");
        int major = int.Parse(Regex.Match(version.Out, @" v?(\d+)\.\d").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        return (major >= 2 ? "config-v3.toml" : "config.toml", major);
    }

    private static string Read(string file) => Child.Shell("PATH=$PATH:/usr/sbin:/sbin exec containerd --config \"$1\" config dump", file).Ok();

    [GeneratedRegex(@"(?m)^ *\[plugins\.['""][^'""]*['""]\.containerd\.runtimes\.([^.\]]+)\]")]
    private static partial Regex Handler();

    [GeneratedRegex(@"\[[^\n]*\.runtimes\.runc\]\n[^\n]*\n")]
    private static partial Regex OfRunc();
}
