using System.Globalization;
using System.Security.Cryptography;

namespace ProcFs.Integration.Tests.Support;

/// <summary>The packages of the program, made twice: here, and as somebody else would, elsewhere, with other times, another umask, zone and locale.</summary>
public sealed class PackageBuild : IDisposable
{
    /// <summary>2023-11-14, as the time of the commit.</summary>
    public const long Epoch = 1_700_000_000;

    private static readonly string[] Sources = ["packaging", "build", "systemd", "docs", "hooks/*.md", "hooks/*/*.md", "hooks/*/*.json", "hooks/*/*.toml",
        "hooks/*/*.conf", "hooks/*/*.yaml", "hooks/*/*.nspawn", "README.md", "SECURITY.md", "LICENSE", "CHANGELOG.md", "Directory.Build.props"];

    private readonly string _scratch;

    public PackageBuild(ServedTree tree)
    {
        _scratch = tree.NewDirectory("packages");
        WhySkipped = Guest.IsHere ? "packages are made where the program is"
            : !File.Exists(Materials) ? "there is no bill of materials beside the program under test: ./build.sh publish"
            : null;
        if (WhySkipped is not null)
        {
            return;
        }

        First = Make("first", Daemon.Repository, Daemon.Binary, "umask 022");

        // A repository somewhere else, without git, every file with a time of its own.
        string other = Directory.CreateDirectory($"{_scratch}/another/place").FullName, binary = $"{other}/renamed";
        CopySources(other, Sources);
        Child.Run("find", other, "-type", "f", "-exec", "touch", "--date=2001-02-03 04:05:06", "{}", "+").Ok();
        File.Copy(Daemon.Binary, binary);
        Second = Make("second", other, binary, $"umask 077; export TZ=Asia/Tokyo LC_ALL=tr_TR.UTF-8 HOME=/ TMPDIR='{Directory.CreateDirectory($"{_scratch}/tmp").FullName}'");
    }

    /// <summary>Null: they are there.</summary>
    public string? WhySkipped { get; }

    /// <summary>The directory of those made here.</summary>
    public string First { get; } = "";

    public string Second { get; } = "";

    /// <summary>What the program is made of, as the build wrote it.</summary>
    public static string Materials => $"{Daemon.Repository}/artifacts/procfs.spdx.json";

    public static string Version { get; } = Child.Run(Daemon.Binary, "--version").Line();

    public string Deb => Only("*.deb");

    public string Rpm => Only("*.rpm");

    public string Image => Only("*-oci.tar");

    public string Tarball => Only("*.tar.gz");

    /// <summary>Copies what git knows and what it would, as it lies here.</summary>
    /// <param name="directory">Where to.</param>
    /// <param name="patterns">Which, as git takes them; none: all.</param>
    public static void CopySources(string directory, params string[] patterns)
        => Child.Shell("cd \"$1\" && to=$2 && shift 2 && git ls-files -z -co --exclude-standard -- \"$@\" | xargs -0 cp -P --parents -t \"$to\"", [Daemon.Repository, directory, .. patterns]).Ok();

    /// <summary>As sha256sum(1) writes it.</summary>
    public static string Sha256Of(string file)
    {
        using FileStream stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>A new directory for what a test unpacks.</summary>
    public string NewDirectory() => Directory.CreateDirectory($"{_scratch}/{Guid.NewGuid():N}").FullName;

    public void Dispose() => _ = Child.Run("rm", "-rf", "--one-file-system", _scratch);

    private string Only(string pattern) => Assert.Single(Directory.GetFiles(First, pattern));

    private string Make(string name, string repository, string binary, string setting)
    {
        string output = $"{_scratch}/{name}";
        Child.RunFor(Pace.Limit(180), "sh", "-c", $"{setting}; export SOURCE_DATE_EPOCH={Epoch.ToString(CultureInfo.InvariantCulture)}; exec \"$@\"", "sh",
            $"{repository}/packaging/make", "--binary", binary, "--sbom", Materials, "--output", output).Ok();
        return output;
    }
}
