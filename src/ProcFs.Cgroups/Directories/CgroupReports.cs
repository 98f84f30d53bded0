namespace ProcFs.Cgroups;

/// <summary>Kernel text that could not be read goes to the log once for each path, with the line and the cause.</summary>
internal sealed class CgroupReports(Action<string>? sink)
{
    /// <summary>Paths of containers come and go for years: at some point the oldest may be said again.</summary>
    private const int MaxRemembered = 4096;

    private readonly HashSet<string> _said = new(StringComparer.Ordinal);

    /// <param name="path">The file.</param>
    /// <param name="line">Counted from 1; 0: the whole file.</param>
    /// <param name="cause">What is wrong with it.</param>
    public void Add(string path, int line, string cause)
    {
        if (sink is null)
        {
            return;
        }

        lock (_said)
        {
            if (_said.Count >= MaxRemembered)
            {
                _said.Clear();
            }

            if (!_said.Add(path))
            {
                return;
            }
        }

        sink(line > 0 ? $"{path}, line {line}: {cause}" : $"{path}: {cause}");
    }
}
