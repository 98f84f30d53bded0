using System.CommandLine;
using System.Text;
using ProcFs.Doctor;
using ProcFs.Interop;

namespace ProcFs.Cli;

/// <summary><c>procfs doctor</c>: what is right and wrong on this host, and what mends it. Changes nothing.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        Option<bool> json = new("--json") { Description = "as JSON" };
        Option<bool> quiet = new("--quiet") { Description = "only what is wrong" };
        Command command = new("doctor", "Looks at the host, the daemon, the containers and their engines, and says what mends what is wrong.") { json, quiet };
        command.Validators.Add(result =>
        {
            if (result.GetValue(json) && result.GetValue(quiet))
            {
                result.AddError("--json and --quiet exclude each other");
            }
        });
        command.SetAction(parsed => (int)Run(parsed, parsed.GetValue(json), parsed.GetValue(quiet)));
        return command;
    }

    private static ExitCode Run(ParseResult parsed, bool asJson, bool isQuiet)
    {
        RootOptions.RefuseSettings(parsed); // what is wrong in the command is nothing that is wrong with the host
        DoctorPlaces places = new()
        {
            Roots = RootOptions.Roots(parsed),
            RunDirectory = RootOptions.RunDirectory(parsed),
            Mount = RootOptions.Mount(parsed),
            ConfigFile = RootOptions.ConfigPath(parsed),
        };
        DoctorHost host = new(places) { Config = () => RootOptions.Config(parsed) };
        foreach (string path in new[] { places.RunDirectory, Path.GetDirectoryName(places.Mount) ?? "/", Path.GetDirectoryName(places.ConfigFile ?? "/etc/x")! })
        {
            if (host.Files.Resolve(path, out Errno error) is null && error == Errno.EXDEV)
            {
                throw new Failure(ExitCode.WrongUse, $"{path} lies on a FUSE mount, whose server may never answer: it is not looked at; choose a directory elsewhere");
            }
        }

        Diagnosis diagnosis = new(new Examination(host, Examination.Patience).Run(AllChecks.Parts), host.IsRoot);
        StandardOutput.Write(asJson ? diagnosis.Json(places.Mount) : Encoding.UTF8.GetBytes(diagnosis.Text(isQuiet)));
        return diagnosis.ExitCode;
    }
}
