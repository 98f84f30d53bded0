using System.Reflection;

namespace ProcFs;

/// <summary>The version of this program.</summary>
internal static class OwnVersion
{
    /// <summary>As <c>--version</c> says it, without what a build may add after "+".</summary>
    public static string Text { get; } = (typeof(OwnVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "").Split('+')[0];
}
