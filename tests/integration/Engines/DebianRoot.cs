using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ProcFs.Integration.Tests.Engines;

/// <summary>
/// A minimal root file system of this host's own programs and their libraries, as a directory and as an image that every engine can load:
/// no registry is needed.
/// </summary>
internal sealed class DebianRoot
{
    /// <summary>What the image is called, for engines that would complete a shorter name and for those that do not.</summary>
    public const string Image = "docker.io/library/debian:12";

    private const string Path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static readonly string[] Programs = ["sh", "cat", "free", "top", "uptime", "sleep", "grep", "getconf", "nproc", "true", "id", "ls", "head", "wc", "sed"];

    private static DebianRoot? _made;

    private DebianRoot(string directory)
    {
        Directory = directory + "/root";
        Archive = directory + "/image.tar";
        Make();
        Pack(directory + "/layer.tar");
    }

    /// <summary>The tree.</summary>
    public string Directory { get; }

    /// <summary>The image, in the format of "docker save".</summary>
    public string Archive { get; }

    /// <summary>Made once for a test run.</summary>
    public static DebianRoot Of(ServedTree tree) => _made ??= new DebianRoot(tree.NewDirectory("debian"));

    /// <summary>A copy for one container to have as its own.</summary>
    public string CopyTo(string directory)
    {
        Child.Run("cp", "-a", Directory, directory).Ok();
        return directory;
    }

    private void Make()
    {
        foreach (string directory in new[] { "usr/bin", "usr/lib64", "etc", "proc", "sys", "dev", "tmp", "run", "root", "var" })
        {
            _ = System.IO.Directory.CreateDirectory($"{Directory}/{directory}");
        }

        foreach ((string name, string target) in new[] { ("bin", "usr/bin"), ("sbin", "usr/bin"), ("usr/sbin", "bin"), ("lib", "usr/lib"), ("lib64", "usr/lib64") })
        {
            _ = File.CreateSymbolicLink($"{Directory}/{name}", target);
        }

        _ = System.IO.Directory.CreateDirectory($"{Directory}/usr/lib");
        File.WriteAllText($"{Directory}/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
        File.WriteAllText($"{Directory}/etc/group", "root:x:0:\n");
        // top looks for its terminal's abilities even where it does not use them.
        Child.Run("cp", "-a", "/usr/lib/terminfo", $"{Directory}/usr/lib/").Ok();
        foreach (string program in Programs)
        {
            Copy($"/usr/bin/{program}", $"/usr/bin/{program}");
            // "libc.so.6 => /lib/… (0x…)", and the loader alone.
            foreach (string library in Child.Run("ldd", $"/usr/bin/{program}").Ok().Split([' ', '\t', '\n']).Where(w => w.StartsWith('/')))
            {
                Copy(library, library);
            }
        }
    }

    private void Copy(string source, string target)
    {
        string copy = Directory + target;
        if (!File.Exists(copy))
        {
            _ = System.IO.Directory.CreateDirectory(System.IO.Path.GetDirectoryName(copy)!);
            File.Copy(new FileInfo(source).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? source, copy);
        }
    }

    private void Pack(string layer)
    {
        Child.Run("tar", "--create", "--file", layer, "--owner=0", "--group=0", "--numeric-owner", "--directory", Directory, ".").Ok();
        using FileStream content = File.OpenRead(layer);
        string digest = Convert.ToHexStringLower(SHA256.HashData(content));
        JsonObject config = new()
        {
            ["architecture"] = "amd64",
            ["os"] = "linux",
            ["config"] = new JsonObject { ["Env"] = new JsonArray($"PATH={Path}"), ["Cmd"] = new JsonArray("sh") },
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray($"sha256:{digest}") },
        };
        JsonArray manifest = [new JsonObject { ["Config"] = "config.json", ["RepoTags"] = new JsonArray(Image), ["Layers"] = new JsonArray("layer.tar") }];

        using TarWriter archive = new(File.Create(Archive), TarEntryFormat.Ustar);
        Add(archive, "config.json", new MemoryStream(Encoding.UTF8.GetBytes(config.ToJsonString())));
        Add(archive, "manifest.json", new MemoryStream(Encoding.UTF8.GetBytes(manifest.ToJsonString())));
        content.Position = 0;
        Add(archive, "layer.tar", content);
    }

    private static void Add(TarWriter archive, string name, Stream content) =>
        archive.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = content });
}
