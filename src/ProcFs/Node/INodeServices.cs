namespace ProcFs.Node;

/// <summary>The node's service manager.</summary>
internal interface INodeServices
{
    /// <summary>Has it do something, and waits until it is done.</summary>
    /// <param name="words">As systemctl(1) takes them.</param>
    /// <exception cref="Failure">It refuses, or takes too long.</exception>
    void Control(params string[] words);

    /// <summary>The same without waiting: it has taken note of it.</summary>
    /// <param name="words">As systemctl(1) takes them.</param>
    /// <exception cref="Failure">It refuses.</exception>
    void Begin(params string[] words);

    /// <summary>How a unit is.</summary>
    UnitState StateOf(string unit);
}
