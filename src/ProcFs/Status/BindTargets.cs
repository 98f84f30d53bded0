using System.Text;
using System.Text.Json;
using ProcFs.Hook.Hooking;
using ProcFs.Host;
using ProcFs.Text;

namespace ProcFs.Status;

/// <summary>
/// What to bind where, for those who make a container's mounts themselves: the common files, which show each reader its own container. The list is this program's
/// own and the host's; the mount is not looked into.
/// </summary>
/// <param name="mount">Where the common files are.</param>
/// <param name="files">Which, as "proc/meminfo"; a directory is bound as a whole.</param>
internal sealed class BindTargets(string mount, IReadOnlyList<string> files)
{
    /// <summary>In a user namespace the kernel refuses a bind that drops a flag that the mount has: so all are there.</summary>
    private static readonly string[] ReadOnly = ["bind", "ro", "nosuid", "nodev", "noexec"];

    private static readonly string[] Writable = ["bind", "rw", "nosuid", "nodev", "noexec"];

    /// <summary>In the order in which they can be bound.</summary>
    public IReadOnlyList<string> Files => files;

    /// <summary>Chooses the files.</summary>
    /// <param name="roots">The containers' host: what it does not have itself is not served.</param>
    /// <param name="mount">Where the common files are.</param>
    /// <param name="wanted">Which; null: all.</param>
    /// <param name="forRuntimes">Only those that every runtime lets its configuration bind.</param>
    /// <exception cref="Failure">One that is wanted by name cannot be had.</exception>
    public static BindTargets Choose(HostRoots roots, string mount, IReadOnlyList<string>? wanted, bool forRuntimes)
    {
        List<string> chosen = [];
        foreach (string file in wanted ?? ServedFiles.All)
        {
            string? refusal = !HostHas(roots, file) ? $"this host has no /{file} itself, so it is not served; leave it out of --files"
                : forRuntimes && !ServedFiles.IsAcceptedByRuntimes(file) ? $"runtimes refuse a mount on /{file}; leave it out of --files, or use the hook or procfs attach for it"
                : null;
            if (refusal is not null && wanted is not null)
            {
                throw new Failure(ExitCode.Failed, refusal);
            }

            if (refusal is null)
            {
                chosen.Add(file);
            }
        }

        return new BindTargets(mount, chosen);
    }

    /// <summary>A line for each: source, destination and options, with tabs between.</summary>
    /// <exception cref="Failure">A path would break the lines.</exception>
    public string Text()
    {
        if (mount.AsSpan().IndexOfAny('\t', '\n') >= 0)
        {
            throw new Failure(ExitCode.Failed, "the mount point has a tab or a line break in its path, which lines cannot say; use --json");
        }

        StringBuilder text = new();
        foreach (string file in files)
        {
            text.Append(Source(file)).Append('\t').Append('/').Append(file).Append('\t').AppendJoin(',', Options(file)).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The same for programs.</summary>
    public byte[] Json() => JsonText.Format(json =>
    {
        json.WriteStartObject();
        json.WriteString("mount", mount);
        json.WriteStartArray("targets");
        foreach (string file in files)
        {
            json.WriteStartObject();
            json.WriteString("source", Source(file));
            json.WriteString("destination", "/" + file);
            WriteOptions(file, json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>Elements for "mounts" of a runtime's config.json (OCI runtime specification, "Mounts"), to stand behind the entries of /proc and /sys.</summary>
    public byte[] Oci() => JsonText.Format(json =>
    {
        json.WriteStartArray();
        foreach (string file in files)
        {
            json.WriteStartObject();
            json.WriteString("destination", "/" + file);
            json.WriteString("type", "bind");
            json.WriteString("source", Source(file));
            WriteOptions(file, json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private string Source(string file) => $"{mount}/{file}";

    private static string[] Options(string file) => ServedFiles.IsWritable(file) ? Writable : ReadOnly;

    private static void WriteOptions(string file, Utf8JsonWriter json)
    {
        json.WriteStartArray("options");
        foreach (string option in Options(file))
        {
            json.WriteStringValue(option);
        }

        json.WriteEndArray();
    }

    private static bool HostHas(HostRoots roots, string file)
    {
        (string root, string rest) = file.StartsWith("proc/", StringComparison.Ordinal) ? (roots.Proc, file["proc/".Length..]) : (roots.Sys, file["sys/".Length..]);
        string path = Path.Combine(root, rest);
        return File.Exists(path) || Directory.Exists(path);
    }
}
