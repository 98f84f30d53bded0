using System.CommandLine;
using System.Globalization;
using System.Reflection;

namespace ProcFs.Cli.Manual;

/// <summary>Not for people: the manual page, for packages.</summary>
internal static class ManCommand
{
    public static Command Create()
    {
        Command command = new("man", "Writes procfs(1), in the language of man(7).") { Hidden = true };
        command.SetAction((Action<ParseResult>)(_ => Console.Out.Write(ManualPage.Of(CommandLine.Build(), Version, Date))));
        return command;
    }

    private static string Version => typeof(ManCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    /// <summary>Of the sources, as builds that are to be the same say it: SOURCE_DATE_EPOCH, in seconds.</summary>
    private static DateTimeOffset? Date =>
        long.TryParse(Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH"), CultureInfo.InvariantCulture, out long seconds) && seconds is >= 0 and < 253402300800
            ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}
