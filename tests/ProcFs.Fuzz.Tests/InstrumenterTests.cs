using System.Diagnostics;
using ProcFs.Fuzz.Engine;
using ProcFs.Fuzz.Targets;

namespace ProcFs.Fuzz.Tests;

/// <summary>The program with calls in each block: it runs, does the same, and tells its ways.</summary>
[Collection("processes")]
public sealed class InstrumenterTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("procfs-fuzz-tests-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void An_instrumented_program_runs_and_its_words_are_known()
    {
        string program = Path.Combine(_directory, "program");
        Assert.InRange(Instrumenter.Copy(AppContext.BaseDirectory, program), 5_000, 500_000);
        string words = File.ReadAllText(Path.Combine(program, Words.FileName));
        Assert.Contains("inactive_file\n", words, StringComparison.Ordinal); // bytes
        Assert.Contains("cpuNumbering\n", words, StringComparison.Ordinal); // a text
        string input = Path.Combine(_directory, "input");
        File.WriteAllBytes(input, "{\"id\":\"a\"}"u8);
        foreach (string target in FuzzTargets.Names)
        {
            (int code, string said) = Run(Path.Combine(program, "ProcFs.Fuzz"), "replay", target, input);
            Assert.True(code == 0, $"{target}: {said}");
        }
    }

    private static (int Code, string Said) Run(string program, params string[] arguments)
    {
        ProcessStartInfo info = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(info)!;
        Task<string> said = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(60_000))
        {
            process.Kill();
            Assert.Fail("it has not ended in a minute");
        }

        return (process.ExitCode, said.Result + error.Result);
    }
}
