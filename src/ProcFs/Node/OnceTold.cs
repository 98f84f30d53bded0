namespace ProcFs.Node;

/// <summary>What is looked at every minute is told when it is new, not every minute.</summary>
internal sealed class OnceTold
{
    private string? _last;

    /// <param name="what">Tells it from others: the same again is not told.</param>
    /// <param name="tell">Says it.</param>
    public void Tell(string what, Action tell)
    {
        if (_last != what)
        {
            tell();
        }

        _last = what;
    }
}
