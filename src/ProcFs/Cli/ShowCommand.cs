using System.CommandLine;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Attaching;
using ProcFs.Configuration;
using ProcFs.Containers;
using ProcFs.Files;
using ProcFs.Hook;
using ProcFs.Hook.Registration;
using ProcFs.Serving;
using ProcFs.Text;

namespace ProcFs.Cli;

/// <summary><c>procfs show</c>: one file as a process or a cgroup sees it, without FUSE.</summary>
internal static class ShowCommand
{
    public static Command Create()
    {
        Argument<string?> file = new("FILE") { Description = "a served file: meminfo, /proc/stat, cpu/online …", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> why = new("--why") { Description = "instead of a file: what is shown of CPUs, memory and swap, and by which rule" };
        Option<int?> pid = new("--pid") { Description = "as this process sees it [default: as this command itself does]", HelpName = "PID" };
        Option<string?> cgroup = new("--cgroup") { Description = "as a container with this cgroup sees it, the same path in every hierarchy: /docker/…", HelpName = "PATH" };
        Option<string?> container = new("--container") { Description = "as the registered container with this id sees it", HelpName = "ID" };
        Command command = new("show", "Prints one file as a process or a container sees it, without the daemon.") { file, pid, cgroup, container, why };
        command.Validators.Add(result =>
        {
            if (new[] { result.GetResult(pid), result.GetResult(cgroup), result.GetResult(container) }.Count(given => given is not null) > 1)
            {
                result.AddError("--pid, --cgroup and --container exclude each other");
            }
            else if (result.GetValue(why) == result.GetValue(file) is not null)
            {
                result.AddError(result.GetValue(why) ? "--why is about no single file" : "name a served file, as meminfo, or say --why");
            }
        });
        command.SetAction(parsed => Show(parsed, parsed.GetValue(file), parsed.GetValue(pid), parsed.GetValue(cgroup), parsed.GetValue(container)));
        return command;
    }

    private static void Show(ParseResult parsed, string? name, int? pid, string? cgroup, string? container)
    {
        IProcFile? file = name is null ? null : ProcFiles.Find(name)
            ?? throw new Failure(ExitCode.WrongUse, $"\"{name}\" is not served; served are {string.Join(", ", ProcFiles.All.Select(entry => entry.File.Path))}");
        ProcFsConfig config = RootOptions.Config(parsed);
        using ViewService views = LocalViews.Open(RootOptions.Roots(parsed), RootOptions.RunDirectory(parsed), RootOptions.Mount(parsed), config, NullLogger.Instance);
        if (file is not null && !views.Served.Any(entry => ReferenceEquals(entry.File, file)))
        {
            throw new Failure(ExitCode.Impossible, $"this host has no /{file.Path} itself, so none is served: its kernel was built or started without it");
        }

        TextBuffer output = new();
        if (cgroup is not null)
        {
            ShowCgroup(views, config, file, cgroup, output);
        }
        else if (container is not null)
        {
            ShowContainer(views, config, file, RootOptions.RunDirectory(parsed), container, output);
        }
        else
        {
            // It may be in a container that somebody has made choices for.
            Spool spool = new(new AttachOptions(RootOptions.RunDirectory(parsed), RootOptions.Roots(parsed).Proc, null), NullLogger.Instance);
            spool.ReadAll().ForEach(entry => LocalViews.Add(views, entry));
            ShowProcess(views, config, file, pid ?? Environment.ProcessId, output);
        }

        StandardOutput.Write(output.Text);
    }

    private static void Write(IReadOnlyList<ExplainedValue> values, TextBuffer output)
    {
        foreach (ExplainedValue value in values)
        {
            output.Write(Encoding.UTF8.GetBytes($"{value.Name}: {value.Value}: {value.Why}\n"));
        }
    }

    private static void ShowProcess(ViewService views, ProcFsConfig config, IProcFile? file, int pid, TextBuffer output)
    {
        if (pid <= 0)
        {
            throw new Failure(ExitCode.WrongUse, $"--pid must be a process number above 0, not {pid}");
        }

        using (ProcessDirectory process = ProcessDirectory.Open(views.Proc, pid))
        {
            if (!process.Exists)
            {
                throw new Failure(ExitCode.Failed, $"there is no process {pid} in {views.Proc.Path}");
            }
        }

        ViewRenderer renderer = views.CreateRenderer();
        if (file is not null)
        {
            renderer.Render(file, 0, (uint)pid, output);
            return;
        }

        ContainerSnapshot snapshot = renderer.FillForProcess((uint)pid, ViewExplanation.Needs, out InitProcess? init);
        Write(ViewExplanation.Of(snapshot, init is null ? null : views.Settings.Choices.Find(init.Pid, init.StartNs), config), output);
    }

    private static void ShowContainer(ViewService views, ProcFsConfig config, IProcFile? file, string runDirectory, string id, TextBuffer output)
    {
        string path = RunDirectory.RegistryFile(runDirectory, id);
        if (!RegistryFile.TryRead(path, out RegistryEntry? entry, out string defect))
        {
            throw new Failure(ExitCode.Failed, defect.Length > 0 ? defect : $"no container \"{id}\" is registered in {runDirectory}: only those are that their engine's hook, or procfs attach, told of; give --pid instead, or the --run-dir of its daemon");
        }

        if (file is null && LocalViews.Explain(views.CreateRenderer(), LocalViews.Add(views, entry!), entry!, config) is { } values)
        {
            Write(values, output);
        }
        else if (file is null || !views.CreateRenderer().TryRenderOwn(file, LocalViews.Add(views, entry!), output))
        {
            throw new Failure(ExitCode.Failed, $"container \"{id}\" has ended: its process {entry!.Pid} is not in {views.Proc.Path} any more");
        }
    }

    private static void ShowCgroup(ViewService views, ProcFsConfig config, IProcFile? file, string path, TextBuffer output)
    {
        string cgroup = "/" + path.Trim('/');
        if (cgroup.Split('/').Any(component => component is "." or ".."))
        {
            throw new Failure(ExitCode.WrongUse, $"--cgroup must be a path from the root of the hierarchies, without . and .., not {path}");
        }

        if (!views.HasCgroup(cgroup))
        {
            throw new Failure(ExitCode.Failed, $"there is no cgroup {cgroup} in any hierarchy ({views.Layout.Describe()}); give it as /proc/PID/cgroup has it");
        }

        ViewRenderer renderer = views.CreateRenderer();
        if (file is not null)
        {
            renderer.RenderCgroup(file, cgroup, output);
        }
        else
        {
            Write(ViewExplanation.Of(renderer.FillForCgroup(cgroup, ViewExplanation.Needs), null, config), output);
        }
    }
}
