using System.Text;

namespace ProcFs.Node;

/// <summary>
/// The tables of the runtime handler, made after those of the runtime that a pod has without it: what is said of that one counts for pods of the handler, too.
/// </summary>
/// <param name="texts">containerd's configuration, and what it imports, the last one first: that one counts.</param>
/// <param name="written">What was written of the handler before; null: nothing.</param>
internal sealed class ContainerdHandler(IReadOnlyList<ContainerdText> texts, ContainerdText? written = null)
{
    private const string Runc = "runc";

    private string DefaultRuntime => texts.FirstOrDefault(text => text.DefaultRuntime is not null)?.DefaultRuntime ?? Runc;

    /// <summary>The administrator has made the handler the default of all pods: it cannot be made after itself.</summary>
    private bool IsDefaultItself => DefaultRuntime == ContainerdText.Handler;

    private string Model => IsDefaultItself ? Runc : DefaultRuntime;

    /// <summary>For a configuration of some version.</summary>
    /// <param name="version">2, or 3 for containerd 2.x.</param>
    /// <param name="runtime">The program that is called in runc's place.</param>
    /// <remarks>
    /// containerd 1.x forgets its own default runtime as soon as a file names any, and CRI does not start without it: it is named, too, where nobody has.
    /// kubelet and all runtimes of a node must have the same cgroup driver, so SystemdCgroup is that of the default runtime. Where the handler itself is the
    /// default, it is runc's, or what it was when another one was the default.
    /// </remarks>
    public string Tables(int version, string runtime)
    {
        ContainerdTables tables = new(version);
        bool? said = texts.Select(text => text.HasSystemdCgroup(Model)).FirstOrDefault(value => value is not null);
        bool hasSystemdCgroup = (said ?? (IsDefaultItself ? written?.HasSystemdCgroup(ContainerdText.Handler) : null)) == true;
        StringBuilder lines = new();
        if (Model == Runc && !texts.Any(text => text.HasRuntime(Runc)))
        {
            Append(lines.Append("# containerd's own default, which containerd 1.x forgets when another one is named.\n"), tables.Runc);
        }

        Append(lines, tables.Ours(runtime, hasSystemdCgroup));
        return lines.ToString();
    }

    private static void Append(StringBuilder text, IReadOnlyList<string> lines)
    {
        foreach (string line in lines)
        {
            text.Append(line.StartsWith('[') ? "" : "  ").Append(line).Append('\n');
        }
    }
}
