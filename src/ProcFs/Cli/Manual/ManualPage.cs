using System.CommandLine;
using System.Globalization;

namespace ProcFs.Cli.Manual;

/// <summary>procfs(1), made from the command line's own help.</summary>
internal static class ManualPage
{
    /// <param name="root">The command line.</param>
    /// <param name="version">Of the program.</param>
    /// <param name="date">That of the page; null: it has none. Packages give that of the sources, so that two builds are the same.</param>
    public static string Of(RootCommand root, string version, DateTimeOffset? date)
    {
        VerbHelp program = VerbHelp.Of(root);
        Roff page = new();
        page.Request("TH", "PROCFS", "1", date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "", $"procfs {version}", "ProcFs");
        page.Request("SH", "NAME").Text("procfs - container-aware /proc and /sys files");
        page.Request("SH", "SYNOPSIS");
        foreach (VerbHelp verb in program.All.Skip(1))
        {
            page.Text(verb.OwnUsage is null ? verb.Synopsis : verb.Path + " ...").Request("br");
        }

        page.Request("SH", "DESCRIPTION").Text(program.Description);
        page.Request("SH", "VERBS");
        foreach (VerbHelp verb in program.All.Skip(1))
        {
            Verb(page, verb);
        }

        page.Request("SH", "OPTIONS OF ALL VERBS");
        Options(page, VerbHelp.CommonOptions(root));
        page.Request("SH", "OPTIONS WITHOUT A VERB");
        Options(page, program.Options);
        return Close(page).ToString();
    }

    private static void Verb(Roff page, VerbHelp verb)
    {
        page.Request("SS", verb.OwnUsage is null ? verb.Synopsis : verb.Path).Text(verb.Description);
        if (verb.OwnUsage is { } usage)
        {
            page.Request("PP").Literal(usage);
        }

        foreach (Argument argument in verb.Arguments.Where(argument => argument.Description is { Length: > 0 }))
        {
            page.Entry(argument.HelpName ?? argument.Name, null, argument.Description!);
        }

        Options(page, verb.Options);
    }

    private static void Options(Roff page, IReadOnlyList<OptionHelp> options)
    {
        foreach (OptionHelp option in options)
        {
            page.Entry(string.Join(", ", option.Names), option.Value, option.Description + (option.Default is { } value ? $" [default: {value}]" : ""));
        }
    }

    private static Roff Close(Roff page) => page
        .Request("SH", "FILES")
        .Entry("/etc/procfs/procfs.json", null, "the configuration, if there")
        .Entry(RootOptions.DefaultMount, null, "where the files are served")
        .Entry(RootOptions.DefaultRunDirectory, null, "state of running daemons")
        .Entry("/usr/share/procfs", null, "what engines are told to get the files into containers, of packages")
        .Request("SH", "EXIT STATUS")
        .Entry("0", null, "done")
        .Entry("1", null, "failed: another try, or another state of the host, may succeed")
        .Entry("2", null, "wrong use: the command line or the configuration")
        .Entry("3", null, "not possible on this host, or not for this user")
        .Request("PP")
        .Text("procfs run ends with the exit status of its command. Errors are one sentence on standard error.")
        .Request("SH", "SEE ALSO")
        .Text("proc(5), cgroups(7), systemctl(1), runc(8), podman(1), lxc.container.conf(5)");
}
