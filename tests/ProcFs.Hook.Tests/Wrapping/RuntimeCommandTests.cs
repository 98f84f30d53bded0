using ProcFs.Hook.Tests.Support;

namespace ProcFs.Hook.Tests.Wrapping;

/// <summary>The wrapper as a process that becomes others.</summary>
public sealed class RuntimeCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_runtime_that_leads_back_to_the_wrapper_is_refused_at_the_second_time()
    {
        string runtime = Script("echo round >>\"$1\"; exec " + ServedMount.Program + " runtime --runtime \"$0\" \"$1\"");
        string output = Child.Run(ServedMount.Program, "runtime", "--runtime", runtime, _directory.At("rounds"));
        Assert.Contains($"not becoming {runtime}, since this process was procfs runtime before", output, StringComparison.Ordinal);
        Assert.Single(File.ReadAllLines(_directory.At("rounds")));
    }

    [Fact]
    public void A_child_of_the_runtime_may_be_the_wrapper_again()
    {
        string inner = Script("echo \"inner $1\"", "inner");
        string outer = Script(ServedMount.Program + " runtime --runtime " + inner + " \"$1\"; exit $?");
        Assert.Equal("inner --version\n", Child.Run(ServedMount.Program, "runtime", "--runtime", outer, "--version"));
    }

    private string Script(string text, string name = "runtime")
    {
        string path = _directory.At(name);
        File.WriteAllText(path, $"#!/bin/sh\n{text}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }
}
