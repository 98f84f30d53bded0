using ProcFs.Hook.Tests.Support;
using ProcFs.Hook.Wrapping;

namespace ProcFs.Hook.Tests.Wrapping;

public sealed class RuntimeFinderTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_first_known_one_in_the_path_is_taken()
    {
        Program("b/crun");
        Assert.Equal(_directory.At("b/crun"), Find(null, "a:b"));
        Program("b/runc");
        Assert.Equal(_directory.At("b/runc"), Find(null, "a:b"));
    }

    [Fact]
    public void A_name_is_looked_for_and_a_path_taken_as_it_is()
    {
        Program("a/youki");
        Assert.Equal(_directory.At("a/youki"), Find("youki", "b:a"));
        Assert.Equal(_directory.At("a/youki"), Find(_directory.At("a/youki"), "b"));
    }

    [Fact]
    public void This_program_under_the_name_of_a_runtime_is_passed_over()
    {
        string self = Program("self");
        Directory.CreateDirectory(_directory.At("a"));
        File.CreateSymbolicLink(_directory.At("a/runc"), self);
        Program("b/runc");
        Assert.Equal(_directory.At("b/runc"), RuntimeFinder.Find(null, $"{_directory.At("a")}:{_directory.At("b")}", self, out _));
        Assert.Null(RuntimeFinder.Find(_directory.At("a/runc"), "", self, out string defect));
        Assert.Contains("itself", defect, StringComparison.Ordinal);
    }

    [Fact]
    public void Directories_and_files_that_are_no_programs_are_passed_over()
    {
        Directory.CreateDirectory(_directory.At("a/runc"));
        Directory.CreateDirectory(_directory.At("b"));
        File.WriteAllText(_directory.At("b/runc"), "");
        Assert.Null(Find("runc", "a:b", out string defect));
        Assert.Contains("no runtime runc", defect, StringComparison.Ordinal);
    }

    private string Program(string name)
    {
        string path = _directory.At(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "#!/bin/sh\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }

    private string? Find(string? wanted, string path) => Find(wanted, path, out _);

    private string? Find(string? wanted, string path, out string defect)
        => RuntimeFinder.Find(wanted, string.Join(':', path.Split(':').Select(_directory.At)), null, out defect);
}
