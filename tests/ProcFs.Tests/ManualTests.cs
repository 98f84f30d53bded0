using System.CommandLine;
using System.Diagnostics;
using System.Text.RegularExpressions;
using ProcFs.Cli;
using ProcFs.Cli.Manual;

namespace ProcFs.Tests;

/// <summary>The manual page and the completion say what the program's own help says.</summary>
[Collection("console")]
public sealed class ManualTests
{
    private static readonly DateTimeOffset Date = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    public static TheoryData<string> Verbs => [.. VerbHelp.Of(CommandLine.Build()).All.Select(verb => verb.Path)];

    private static string Page => ManualPage.Of(CommandLine.Build(), "1.2.3", Date);

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Every_option_that_help_names_is_in_the_manual_and_completed(string path)
    {
        string[] verb = path.Split(' ')[1..];
        // Only where options stand, not where a description speaks of another one.
        string[] named = [.. Regex.Matches(HelpOf(verb), "^ +(-.*?)(  |$)", RegexOptions.Multiline)
            .SelectMany(line => Regex.Matches(line.Groups[1].Value, "(?<=^|[ ,])--[a-z][a-z-]*")).Select(match => match.Value).Distinct()];
        Assert.Contains("--mount", named.Append(verb is ["lxcfs"] ? "--mount" : ""));

        string page = Page;
        Assert.All(named, option => Assert.Contains(option.Replace("-", "\\-", StringComparison.Ordinal), page, StringComparison.Ordinal));
        string[] offered = Complete([.. verb, "--"]);
        Assert.Empty(named.Except(offered));
        Assert.All(offered, option => Assert.Matches("^--[a-z-]+$", option));
    }

    [Fact]
    public void Every_verb_that_help_lists_is_in_the_manual_and_completed()
    {
        string[] listed = [.. Regex.Match(HelpOf([]), "Commands:\n(?<all>(?:  .*\n?)+)").Groups["all"].Value.Split('\n')
            .Select(line => Regex.Match(line, "^  ([a-z-]+)").Groups[1].Value).Where(verb => verb.Length > 0)];
        Assert.Contains("serve", listed);
        Assert.Contains("hook", listed);

        string page = Page;
        Assert.All(listed, verb => Assert.Matches($@"(?m)^\.SS ""procfs {verb.Replace("-", @"\\-", StringComparison.Ordinal)}[ ""]", page));
        Assert.Empty(listed.Except(Complete([""])));
    }

    [Fact]
    public void What_is_not_for_people_is_in_neither()
    {
        string[] hidden = [.. CommandLine.Build().Subcommands.Where(verb => verb.Hidden).Select(verb => verb.Name)];
        Assert.Contains("man", hidden);
        string page = Page;
        Assert.All(hidden, verb => Assert.DoesNotContain($"procfs {verb}", page.Replace("\\", "", StringComparison.Ordinal), StringComparison.Ordinal));
        Assert.Empty(hidden.Intersect(Complete([""])));
        Assert.DoesNotContain("--for-parent", Complete(["serve", "--"]));
    }

    [Fact]
    public void Verbs_below_a_verb_have_its_options_too()
    {
        RootCommand root = new() { new Command("node", "d") { new Option<string>("--image") { Recursive = true }, new Command("install", "d") { new Option<bool>("--dry") } } };
        Assert.Equal(["procfs", "procfs node", "procfs node install"], VerbHelp.Of(root).All.Select(verb => verb.Path));
        Assert.Equal(["--dry", "--image"], VerbHelp.Of(root).All.Last().Options.Select(option => option.Names[^1]).Order(StringComparer.Ordinal));
        Assert.Contains("\"procfs node install\") words=\"--dry --image", BashCompletion.Of(root), StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_has_the_version_and_the_date_of_the_sources()
    {
        Assert.StartsWith(".TH \"PROCFS\" \"1\" \"2023\\-11\\-14\" \"procfs 1.2.3\" \"ProcFs\"\n", Page, StringComparison.Ordinal);
        Assert.StartsWith(".TH \"PROCFS\" \"1\" \"\" \"procfs 1.2.3\"", ManualPage.Of(CommandLine.Build(), "1.2.3", null), StringComparison.Ordinal);
    }

    [Fact]
    public void Text_is_printed_as_it_is() => Assert.Equal(
        ".SS \"a \\(dq\\e\\-\"\n\\&.so /etc\n\\&'x\nb\n.nf\n\\&.\n.fi\n.TP\n\\fB\\-\\-x\\fR \\fIY\\fR\nz\n",
        new Roff().Request("SS", "a \"\\-").Text(".so /etc\n'x\nb").Literal(".\n").Entry("--x", "Y", "z").ToString());

    [Fact]
    public void A_verb_is_found_behind_options_and_their_values()
    {
        Assert.Contains("--unmount", Complete(["--mount", "serve", "serve", "--"]));
        Assert.DoesNotContain("--unmount", Complete(["--mount", "serve", "--"]));
    }

    [Fact]
    public void Directories_are_offered_where_an_option_wants_one_and_nothing_behind_two_dashes()
    {
        Assert.Contains("/usr", Complete(["serve", "--mount", "/us"]));
        Assert.Empty(Complete(["run", "--", "--"]));
    }

    private static string HelpOf(string[] verb)
    {
        // The verbs of engines have a command line of their own, which is not this one's.
        if (verb is [string only] && EngineCommands.UsageOf(only) is { } usage)
        {
            return usage;
        }

        TextWriter before = Console.Out;
        using StringWriter output = new();
        Console.SetOut(output);
        try
        {
            Assert.Equal(0, CommandLine.Run([.. verb, "--help"]));
        }
        finally
        {
            Console.SetOut(before);
        }

        return output.ToString();
    }

    /// <summary>What bash offers for the last of these words behind "procfs".</summary>
    private static string[] Complete(string[] words)
    {
        const string Ask = "eval \"$1\"; shift; COMP_WORDS=(procfs \"$@\"); COMP_CWORD=$#; _procfs; printf '%s\\n' \"${COMPREPLY[@]}\"";
        using Process bash = Process.Start(new ProcessStartInfo("timeout", ["20", "bash", "-c", Ask, "bash", BashCompletion.Of(CommandLine.Build()), .. words])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        string error = bash.StandardError.ReadToEnd(), output = bash.StandardOutput.ReadToEnd();
        bash.WaitForExit();
        Assert.Equal((0, ""), (bash.ExitCode, error));
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
