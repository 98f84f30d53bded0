namespace ProcFs.Doctor;

/// <summary>What a check has found: one sentence, and what mends it.</summary>
/// <param name="State">How it is.</param>
/// <param name="Text">One sentence, without a full stop.</param>
/// <param name="Mend">Null: there is nothing to mend, or nobody knows how.</param>
internal sealed record Finding(CheckState State, string Text, Mend? Mend = null)
{
    public static Finding Ok(string text) => new(CheckState.Ok, text);

    public static Finding Note(string text, Mend? mend = null) => new(CheckState.Note, text, mend);

    public static Finding Warning(string text, Mend? mend = null) => new(CheckState.Warning, text, mend);

    public static Finding Bad(string text, Mend? mend = null) => new(CheckState.Bad, text, mend);
}

/// <summary>One line that mends something.</summary>
/// <param name="Line">A command line for sh, or what to do in words.</param>
/// <param name="IsCommand">It can be run as it is.</param>
internal sealed record Mend(string Line, bool IsCommand)
{
    /// <summary>A line for sh, by root, that puts it right.</summary>
    public static Mend Run(string command) => new(command, true);

    /// <summary>Where no command can know what is wanted.</summary>
    public static Mend Do(string words) => new(words, false);
}
