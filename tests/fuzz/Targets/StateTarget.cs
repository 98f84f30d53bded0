using System.Text;
using ProcFs.Fuzz.Engine;
using ProcFs.Fuzz.Mutation;
using ProcFs.Hook;
using ProcFs.Hook.Hooking;
using ProcFs.Hook.Oci;
using ProcFs.Hook.Registration;

namespace ProcFs.Fuzz.Targets;

/// <summary>What a runtime says on a hook's standard input: parsed, decided by, and written to the spool, where the daemon must understand it.</summary>
internal sealed class StateTarget : IFuzzTarget
{
    private static readonly OciConfig Config = OciConfig.Parse(Samples.Config, out _)!;

    public IReadOnlyList<Change> Changes => JsonChanges.All;

    public IEnumerable<byte[]> Seeds()
    {
        yield return """{"ociVersion":"1.0.2","id":"box","status":"created","pid":4711,"bundle":"/run/bundles/box"}"""u8.ToArray();
        yield return """{"ociVersion":"1.0.2-dev","id":"9f86d0","status":"stopped","bundle":"/run/b"}"""u8.ToArray();
        yield return """{"id":"a/b","pid":0,"status":"creating","bundle":"relative","annotations":{"io.procfs.enable":"1"}}"""u8.ToArray();
        yield return Encoding.UTF8.GetBytes("""{"id":"bøx","pid":7,"status":"running","bundle":"/b","annotations":{ANNOTATIONS,"other":7}}"""
            .Replace("ANNOTATIONS", Samples.Annotations, StringComparison.Ordinal));
    }

    public void Try(ReadOnlySpan<byte> input)
    {
        OciState? state = OciState.Parse(input, out string defect);
        FuzzDefect.Unless(state is null == defect.Length > 0 && !defect.Contains('\n'), "a state that is none makes one sentence", defect);
        if (state is null)
        {
            return;
        }

        FuzzDefect.Unless(state.Id.Length is > 0 and <= 1024 && state.Pid >= 0, "a state has an id and no negative pid");
        FuzzDefect.Unless(state.Bundle is null || (state.Bundle.StartsWith('/') && !state.Bundle.Contains('\0')), "a bundle is an absolute path");
        string name = RunDirectory.RegistryName(state.Id);
        FuzzDefect.Unless(name.Length is > 0 and <= 200 && !name.Contains('/') && name[0] != '.' && name.All(char.IsAscii), "an id becomes a name of a file that leads nowhere else", name);
        Decide(state);
    }

    public void Dispose()
    {
    }

    private static void Decide(OciState state)
    {
        Verdict verdict = Decision.Of(new Wishes(Config, state.Annotations));
        foreach (string file in verdict.Files ?? [])
        {
            FuzzDefect.Unless(FileNames.IsPossible(file), "a file that is wanted can be one", file);
        }

        foreach ((string word, string value) in verdict.View)
        {
            FuzzDefect.Unless(ViewWords.Find(word)?.IsPossible(value) == true, "a view that is wanted can be one", value);
        }

        if (verdict.Skip is null)
        {
            RegistryEntry entry = new() { Id = state.Id, Pid = Math.Max(1, state.Pid), StartTime = ulong.MaxValue, Source = "hook", Bundle = state.Bundle, Files = verdict.Files, View = verdict.View };
            byte[] text = RegistryText.Format(entry);
            if (text.Length <= RegistryFile.MostBytes)
            {
                RegistryRules.CheckRoundTrip(entry, text);
            }
        }
    }
}
