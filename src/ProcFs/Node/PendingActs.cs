namespace ProcFs.Node;

/// <summary>
/// What has to follow a change of a file, and has not been done yet: who was ended in between, or was refused, does it the next time. Forgotten at the next
/// boot, which does all of it.
/// </summary>
internal sealed class PendingActs(NodePlaces places)
{
    private const string Begun = ".begun";

    /// <summary>Changes a file, and does what that asks for; also when only the first of the two had been done before.</summary>
    /// <param name="act">The name of what follows, of letters and characters of file names.</param>
    /// <param name="wouldChange">Whether there is something to change.</param>
    /// <param name="change">The change.</param>
    /// <param name="follow">What has to follow it.</param>
    /// <exception cref="Failure">One of them is refused. It is done again the next time.</exception>
    public void Do(string act, bool wouldChange, Action change, Action follow)
    {
        if (wouldChange)
        {
            Done(act); // what was begun is not of this change
            Ask(act);
            change();
        }

        if (IsAsked(act))
        {
            follow();
            Done(act);
        }
    }

    /// <summary>To be said before the change.</summary>
    /// <exception cref="Failure">It cannot be written down.</exception>
    public void Ask(string act) => _ = NodeFile.Write(FileOf(act), "");

    public bool IsAsked(string act) => NodeFile.Read(FileOf(act)) is not null;

    public void Done(string act)
    {
        _ = NodeFile.Remove(FileOf(act), _ => true);
        _ = NodeFile.Remove(FileOf(act + Begun), _ => true);
    }

    /// <summary>It was begun by whoever does it, did not come to an end, and is only to be looked at: it stays asked for.</summary>
    /// <exception cref="Failure">It cannot be written down.</exception>
    public void AskForItsEnd(string act)
    {
        Ask(act);
        Ask(act + Begun);
    }

    /// <summary>Whether only its end is asked for.</summary>
    public bool IsBegun(string act) => IsAsked(act + Begun);

    private string FileOf(string act) => $"{places.RunDirectory}/node.pending.{act}";
}
