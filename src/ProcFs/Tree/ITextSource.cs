using ProcFs.Files;
using ProcFs.Text;

namespace ProcFs.Tree;

/// <summary>Makes the text of a file for a caller. Each worker has its own.</summary>
internal interface ITextSource
{
    /// <summary>Appends what the thread sees now.</summary>
    /// <param name="file">A served file.</param>
    /// <param name="threadId">The caller, in the daemon's pid namespace; 0: not visible.</param>
    /// <param name="output">Where to.</param>
    void Render(IProcFile file, uint threadId, TextBuffer output);
}
