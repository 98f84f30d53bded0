namespace ProcFs.Doctor;

/// <summary>How it is, from good to bad.</summary>
internal enum CheckState
{
    /// <summary>Right.</summary>
    Ok,

    /// <summary>Nothing is wrong; somebody may want to know.</summary>
    Note,

    /// <summary>Containers are served, but not as they could be, or not after the next mishap.</summary>
    Warning,

    /// <summary>Containers are not served right.</summary>
    Bad,
}

/// <summary>What a state is called in the output, in both forms.</summary>
internal static class CheckStates
{
    public static string Word(CheckState state) => state switch
    {
        CheckState.Ok => "ok",
        CheckState.Note => "note",
        CheckState.Warning => "warning",
        _ => "bad",
    };
}
