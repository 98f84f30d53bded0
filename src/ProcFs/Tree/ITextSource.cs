using ProcFs.Containers;
using ProcFs.Files;
using ProcFs.Fuse;
using ProcFs.Metrics;
using ProcFs.Text;

namespace ProcFs.Tree;

/// <summary>Makes the text of a file for a container or a caller. Each worker has its own.</summary>
internal interface ITextSource
{
    /// <summary>Appends what is to be seen now.</summary>
    /// <param name="file">A served file.</param>
    /// <param name="container">The number of the registered container to show; 0, and one that is not there: that of the caller.</param>
    /// <param name="threadId">The caller, in the daemon's pid namespace; 0: not visible.</param>
    /// <param name="output">Where to.</param>
    void Render(IProcFile file, ulong container, uint threadId, TextBuffer output);

    /// <summary>How the last text of <see cref="Render"/> was come by.</summary>
    ReadOutcome LastOutcome => ReadOutcome.Made;

    /// <summary>Why a file cannot be read on this host, whoever reads; no error: it can.</summary>
    FuseErrno ErrorOf(IProcFile file) => FuseErrno.None;

    /// <summary>Whose values <see cref="Render"/> shows; null: nobody's.</summary>
    CallerView? FindView(ulong container, uint threadId) => null;

    /// <summary>A text that only changes when the CPUs of a registered container do; null: the file has none in it, or not now.</summary>
    StillText? FindStill(IProcFile file, ulong container) => null;

    /// <summary>Appends what is to be seen now in a registered container, whoever asks. False: it has ended, and nothing was appended.</summary>
    bool TryRenderOwn(IProcFile file, ulong container, TextBuffer output) => false;

    /// <summary>The CPUs that there are directories for.</summary>
    /// <param name="container">As in <see cref="Render"/>.</param>
    /// <param name="threadId">As there.</param>
    SeenCpus See(ulong container, uint threadId) => default;

    /// <summary>Appends what is to be seen now in a file of a CPU, or in one beside the CPUs. False: it is not there, and nothing was appended.</summary>
    /// <param name="file">The file.</param>
    /// <param name="cpu">Whose it is, as the container numbers them; <see cref="NodeId.NoCpu"/> for one beside the CPUs.</param>
    /// <param name="container">As in <see cref="Render"/>.</param>
    /// <param name="threadId">As there.</param>
    /// <param name="output">Where to.</param>
    bool TryRender(CpuFile file, int cpu, ulong container, uint threadId, TextBuffer output) => false;

    /// <summary>The file was opened, so that a read is to be expected: <see cref="DoMore"/> may make its text in advance.</summary>
    void Expect(IProcFile file, ulong container)
    {
    }

    /// <summary>Whether there is something to do that nobody waits for.</summary>
    bool HasMore => false;

    /// <summary>Does it.</summary>
    void DoMore()
    {
    }
}
