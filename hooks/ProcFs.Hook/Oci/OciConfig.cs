using System.Text.Json;
using ProcFs.Hook.Reading;
using ProcFs.Interop;

namespace ProcFs.Hook.Oci;

/// <summary>What matters here of a bundle's config.json (OCI runtime specification, "Configuration").</summary>
internal sealed record OciConfig
{
    private const int MostBytes = 16 << 20;

    /// <summary>root.path as it stands there, often relative to the bundle; null: there is none.</summary>
    public string? RootPath { get; init; }

    /// <summary>It gets a mount namespace of its own, not that of the host or of another container.</summary>
    public bool HasOwnMountNamespace { get; init; }

    /// <summary>A procfs is mounted on /proc.</summary>
    public bool HasProc { get; init; }

    /// <summary>The processes are told PROCFS_DISABLE=1 in their environment.</summary>
    public bool IsDisabledByEnvironment { get; init; }

    /// <summary>Memory or CPUs are limited.</summary>
    public bool IsLimited { get; init; }

    /// <summary>Where things are mounted, as "/proc".</summary>
    public IReadOnlyList<string> Destinations { get; init; } = [];

    /// <summary>linux.maskedPaths, as "proc/kcore": without the slash in front.</summary>
    public IReadOnlyList<string> Masked { get; init; } = [];

    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>The file's path in a bundle.</summary>
    public static string PathIn(string bundle) => Path.Combine(bundle, "config.json");

    /// <summary>Reads it. Null: <paramref name="defect"/> says why, with the path.</summary>
    public static OciConfig? Read(string bundle, out string defect)
    {
        string path = PathIn(bundle);
        byte[]? text = BoundedRead.File(Libc.AT_FDCWD, path, MostBytes, out defect, out _);
        if (text is null)
        {
            defect = $"cannot read {path}: {defect}";
            return null;
        }

        OciConfig? config = Parse(text, out defect);
        defect = config is null ? $"cannot understand {path}: {defect}" : "";
        return config;
    }

    /// <returns>Null when it is none; then <paramref name="defect"/> says why, without the path.</returns>
    public static OciConfig? Parse(ReadOnlySpan<byte> text, out string defect)
    {
        Fields fields = new();
        defect = JsonText.ReadObject(text, fields.Top) ?? "";
        return defect.Length > 0 ? null : fields.Config();
    }

    /// <summary>The container's root directory, as the runtime's mount namespace has it; null when it cannot be told.</summary>
    public string? RootIn(string bundle) => string.IsNullOrEmpty(RootPath) || RootPath.Contains('\0') ? null : Path.Combine(bundle, RootPath);

    /// <summary>Whether the engine has a file hidden, by itself or with its directory.</summary>
    public bool IsMasked(string file)
    {
        foreach (string mask in Masked)
        {
            if (mask.Length > 0 && (file == mask || (file.StartsWith(mask, StringComparison.Ordinal) && file[mask.Length] == '/')))
            {
                return true;
            }
        }

        return false;
    }

    private sealed class Fields
    {
        private readonly Dictionary<string, string> _annotations = [];
        private readonly List<(string Destination, string Type)> _mounts = [];
        private List<string> _environment = [];
        private List<string> _masked = [];
        private string? _root;
        private bool _hasOwnMountNamespace;
        private bool _isLimited;

        public void Top(ref Utf8JsonReader reader, string name)
        {
            switch (name)
            {
                case "root": JsonText.ReadMembers(ref reader, Root); break;
                case "process": JsonText.ReadMembers(ref reader, Process); break;
                case "mounts": JsonText.ReadElements(ref reader, Mount); break;
                case "linux": JsonText.ReadMembers(ref reader, Linux); break;
                case "annotations": OciState.Read(ref reader, _annotations); break;
            }
        }

        public OciConfig Config() => new()
        {
            RootPath = _root,
            HasOwnMountNamespace = _hasOwnMountNamespace,
            HasProc = _mounts.Exists(mount => mount is { Destination: "/proc", Type: "proc" }),
            IsDisabledByEnvironment = _environment.FindLast(variable => variable.StartsWith("PROCFS_DISABLE=", StringComparison.Ordinal)) is "PROCFS_DISABLE=1" or "PROCFS_DISABLE=true",
            IsLimited = _isLimited,
            Destinations = _mounts.ConvertAll(mount => mount.Destination),
            Masked = _masked.ConvertAll(path => Clean(path).TrimStart('/')),
            Annotations = _annotations,
        };

        private void Root(ref Utf8JsonReader reader, string name)
        {
            if (name == "path")
            {
                _root = JsonText.Text(ref reader);
            }
        }

        private void Process(ref Utf8JsonReader reader, string name)
        {
            if (name == "env")
            {
                _environment = JsonText.Texts(ref reader) ?? [];
            }
        }

        private void Mount(ref Utf8JsonReader reader, string index)
        {
            string destination = "";
            string type = "";
            JsonText.ReadMembers(ref reader, (ref value, name) =>
            {
                switch (name)
                {
                    case "destination": destination = JsonText.Text(ref value) ?? ""; break;
                    case "type": type = JsonText.Text(ref value) ?? ""; break;
                }
            });
            _mounts.Add((Clean(destination), type));
        }

        private void Linux(ref Utf8JsonReader reader, string name)
        {
            switch (name)
            {
                case "namespaces": JsonText.ReadElements(ref reader, Namespace); break;
                case "maskedPaths": _masked = JsonText.Texts(ref reader) ?? []; break;
                case "resources": JsonText.ReadMembers(ref reader, Resources); break;
            }
        }

        private void Namespace(ref Utf8JsonReader reader, string index)
        {
            string? type = null;
            string? path = null;
            JsonText.ReadMembers(ref reader, (ref value, name) =>
            {
                switch (name)
                {
                    case "type": type = JsonText.Text(ref value); break;
                    case "path": path = JsonText.Text(ref value); break;
                }
            });
            _hasOwnMountNamespace |= type == "mount" && string.IsNullOrEmpty(path);
        }

        private void Resources(ref Utf8JsonReader reader, string controller)
        {
            if (controller is "memory" or "cpu" or "unified")
            {
                JsonText.ReadMembers(ref reader, (ref value, name) => _isLimited |= controller == "unified"
                    ? IsLimitV2(name, JsonText.Text(ref value))
                    : IsLimit(name, JsonText.Number(ref value), JsonText.Text(ref value)));
            }
        }

        /// <summary>0 and -1 mean "none" to the runtimes.</summary>
        private static bool IsLimit(string name, long? number, string? text) => name switch
        {
            "limit" or "swap" or "quota" => number > 0,
            "cpus" => !string.IsNullOrEmpty(text),
            _ => false,
        };

        private static bool IsLimitV2(string file, string? value) => file switch
        {
            "memory.max" or "memory.high" or "memory.swap.max" or "cpu.max" => value is not (null or "") && !value.StartsWith("max", StringComparison.Ordinal),
            "cpuset.cpus" => !string.IsNullOrEmpty(value),
            _ => false,
        };

        /// <summary>"/proc//sys/" is "/proc/sys".</summary>
        private static string Clean(string path) => path.Length == 0 || path.Contains('\0')
            ? path
            : Path.TrimEndingDirectorySeparator(Path.GetFullPath("/" + path.TrimStart('/')));
    }
}
