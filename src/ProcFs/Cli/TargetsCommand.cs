using System.CommandLine;
using System.Text;
using ProcFs.Status;

namespace ProcFs.Cli;

/// <summary><c>procfs targets</c>: what to bind where, for those who make a container's mounts themselves. Fails when nobody serves it.</summary>
internal static class TargetsCommand
{
    public static Command Create()
    {
        Option<bool> json = new("--json") { Description = "as JSON" };
        Option<bool> oci = new("--oci") { Description = "as elements of \"mounts\" in a runtime's config.json, and only what runtimes accept there" };
        Option<string?> files = FileList.CreateOption("only these files");
        Command command = new("targets", "Lists what to bind where, for those who make a container's mounts themselves; fails when nobody serves it.") { json, oci, files };
        command.Validators.Add(result =>
        {
            if (result.GetValue(json) && result.GetValue(oci))
            {
                result.AddError("--json and --oci exclude each other");
            }

            FileList.Validate(result, files);
        });
        command.SetAction(parsed => Run(parsed, parsed.GetValue(json), parsed.GetValue(oci), FileList.Parse(parsed.GetValue(files))));
        return command;
    }

    private static void Run(ParseResult parsed, bool asJson, bool forRuntimes, string[]? files)
    {
        string mount = RootOptions.Mount(parsed);
        MountHealth health = MountHealth.Look(RootOptions.Roots(parsed), RootOptions.RunDirectory(parsed), mount);
        if (!health.IsServed)
        {
            throw new Failure(ExitCode.Failed, health.Sentence);
        }

        BindTargets targets = BindTargets.Choose(RootOptions.Roots(parsed), mount, files, forRuntimes);
        StandardOutput.Write(forRuntimes ? targets.Oci() : asJson ? targets.Json() : Encoding.UTF8.GetBytes(targets.Text()));
    }
}
