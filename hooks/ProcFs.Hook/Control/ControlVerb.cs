namespace ProcFs.Hook.Control;

/// <summary>What the daemon can be asked for.</summary>
public enum ControlVerb
{
    /// <summary>REGISTER: read the entry of that name from the spool and give its container a number.</summary>
    Register,

    /// <summary>UNREGISTER: forget that container, and remove its entry.</summary>
    Unregister,

    /// <summary>ATTACHED: that container has its files now. One that was registered and never says so is attached by the daemon after a while.</summary>
    Attached,

    /// <summary>WHERE: the private mount alone, for the common files.</summary>
    Where,

    /// <summary>RELOAD: look at the configuration, and at what is switched off, now.</summary>
    Reload,
}
