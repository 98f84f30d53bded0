using ProcFs.Configuration;

namespace ProcFs.Doctor.Checks;

/// <summary>The configuration file: to be read and understood.</summary>
internal sealed class ConfigCheck : ICheck
{
    public const string Name = "config";

    public string Id => Name;

    public IEnumerable<Finding> Look(DoctorHost host)
    {
        string path = host.Places.ConfigFile ?? ConfigFile.DefaultPath;
        string? defect = null;
        try
        {
            _ = host.Config();
        }
        catch (Failure failure)
        {
            defect = failure.Message;
        }

        string file = ShellWord.Quote(path);
        yield return defect is not null
                ? Finding.Bad(
                    $"{defect}; the daemon goes on with what it had, and does not start without that",
                    Mend.Run($"{(Path.Exists(path) ? $"mv {file} {ShellWord.Quote(path + ".broken")} && " : "")}echo '{{}}' >{file}"))
            : Finding.Ok(File.Exists(path) ? $"{path} can be used" : "there is no configuration file: all is as by default");
    }
}
