using System.Text;
using ProcFs.Cgroups;
using ProcFs.Fuzz.Engine;
using ProcFs.Fuzz.Mutation;

namespace ProcFs.Fuzz.Targets;

/// <summary>
/// Files of a container's cgroups and of those above it, as <c>%% v1/memory/fix/pod/nested/memory.stat</c> and so on: parsed, and read by the readers of the
/// version. When the files are as they were, what is read must be, too.
/// </summary>
internal sealed class CgroupTarget : IFuzzTarget
{
    private const string Container = "/fix/pod/nested";

    private readonly Tree[] _trees = [new("v1", "v1-6.1"), new("v2", "v2-6.12"), new("hybrid", "hybrid-6.18")];
    private readonly CgroupTexts _texts;

    public CgroupTarget()
    {
        _texts = new CgroupTexts(_trees[2].Layout);
        Changes = Sections.ChangesFor([.. _trees.SelectMany(tree => tree.Paths)]);
    }

    public IReadOnlyList<Change> Changes { get; }

    /// <summary>One file each, and all of a version together.</summary>
    public IEnumerable<byte[]> Seeds()
    {
        foreach (Tree tree in _trees)
        {
            foreach (string path in tree.Paths)
            {
                yield return Sections.Format([(path, tree.Original(path))]);
            }

            yield return Sections.Format(tree.Paths.Where(path => path.Contains(Container + "/", StringComparison.Ordinal)).Select(path => (path, tree.Original(path))));
        }

        foreach (string file in Directory.EnumerateFiles(Path.Combine(FuzzTargets.Fixtures, "hybrid-6.18/proc/self"), "*").Where(file => Path.GetFileName(file) is "cgroup" or "mountinfo"))
        {
            yield return Sections.Format([("text", File.ReadAllBytes(file))]);
        }
    }

    public void Try(ReadOnlySpan<byte> input)
    {
        foreach ((string path, byte[] text) in Sections.Parse(input))
        {
            _texts.Try(text);
            foreach (Tree tree in _trees)
            {
                tree.Write(path, text);
            }
        }

        foreach (Tree tree in _trees)
        {
            tree.ReadIfChanged();
        }
    }

    public void Dispose()
    {
        foreach (Tree tree in _trees)
        {
            tree.Dispose();
        }
    }

    private sealed class Tree : IDisposable
    {
        private readonly string _name;
        private readonly FileTree _files = new();
        private readonly DescriptorPool _pool = new(1024);
        private readonly ContainerCgroups _cgroups;
        private readonly ContainerResources _read = new();
        private readonly string _before;
        private readonly int[] _processes = new int[64];
        private bool _isChanged;

        public Tree(string name, string host)
        {
            _name = name;
            string root = Path.Combine(FuzzTargets.Fixtures, host, "sys/fs/cgroup");
            foreach (string file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                _files.Add(Path.GetRelativePath(root, file), File.ReadAllBytes(file));
            }

            Layout = CgroupLayout.Discover("/nonexistent", _files.Root);
            CgroupTree tree = new(Layout, _pool);
            _cgroups = tree.Open(CgroupPaths.Same(Layout, Container));
            // Only what is looked at: the container's files and those of the levels above.
            Paths = [.. _files.Paths.Where(path => IsLookedAt("/" + path)).Select(path => $"{name}/{path}")];
            _before = Read();
        }

        public CgroupLayout Layout { get; }

        public IReadOnlyList<string> Paths { get; }

        public byte[] Original(string path) => _files.Original(path[(_name.Length + 1)..]);

        public void Write(string path, byte[] text)
            => _isChanged |= path.StartsWith(_name + "/", StringComparison.Ordinal) && _files.TryWrite(path[(_name.Length + 1)..], text);

        public void ReadIfChanged()
        {
            if (!_isChanged)
            {
                return;
            }

            try
            {
                _ = Read();
            }
            finally
            {
                _files.Restore();
                _isChanged = false;
            }

            FuzzDefect.Unless(Read() == _before, "what is read of files is the same when they are the same again");
        }

        public void Dispose()
        {
            while (_pool.Count > 0)
            {
                _pool.MakeRoom();
            }

            _files.Dispose();
        }

        private static bool IsLookedAt(string path) => (path.Contains("/fix/pod/", StringComparison.Ordinal) || path.EndsWith("/fix/memory.max", StringComparison.Ordinal))
            && !path.Contains("/cgroup.", StringComparison.Ordinal) | path.EndsWith(Container + "/cgroup.procs", StringComparison.Ordinal);

        private string Read()
        {
            StringBuilder all = new();
            foreach (ResourceGroups pressure in (ReadOnlySpan<ResourceGroups>)[ResourceGroups.PressureCpu, ResourceGroups.PressureIo, ResourceGroups.PressureMemory])
            {
                FuzzDefect.Unless(_cgroups.TryRead(ResourceGroups.All | pressure, _read), "a container that is there is read");
                CgroupRules.Check(_read);
                all.Append(Encoding.Latin1.GetString(_read.Pressure));
            }

            int last = 0;
            foreach (int process in _processes.AsSpan(0, _cgroups.ListProcesses(_processes, out _)))
            {
                FuzzDefect.Unless(process > last, "processes are listed once, in order");
                last = process;
                all.Append(process);
            }

            all.Append(_read.Memory).Append(_read.Quota).Append(_read.Usage).Append(_read.EffectiveCpus).Append(Encoding.Latin1.GetString(_read.Slabs));
            foreach (BlockIoDevice device in _read.BlockIo)
            {
                all.Append(device);
            }

            foreach (HugetlbResources size in _read.Hugetlb)
            {
                all.Append(size);
            }

            return all.ToString();
        }
    }
}
