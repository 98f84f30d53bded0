namespace ProcFs.Hook.Settings;

/// <summary>Which containers get the files when nothing is said of one by itself.</summary>
public enum EnableMode
{
    /// <summary>All but those that opt out.</summary>
    Always,

    /// <summary>Only those with the annotation io.procfs.enable=1.</summary>
    Annotation,
}
