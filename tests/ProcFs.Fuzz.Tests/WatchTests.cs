using ProcFs.Fuzz.Engine;

namespace ProcFs.Fuzz.Tests;

/// <summary>What an input does to the process that tries it is seen from outside.</summary>
[Collection("processes")] // a script that is being written while another process is started cannot be executed
public sealed class WatchTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("procfs-fuzz-tests-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void One_that_takes_long_and_one_that_ends_the_process_are_defects_and_another_process_carries_on()
    {
        FuzzFolder folder = new(_directory);
        // In the place of the program. It has begun input 200, and ended none: first it computes for ever, then it ends, then all is well.
        string program = Program($"""
            printf '\310' | dd of={folder.ExchangeFile} conv=notrunc 2>/dev/null
            echo "$*" >>{_directory}/calls
            case $(wc -l <{_directory}/calls) in
                1) while :; do :; done ;;
                2) exit 3 ;;
            esac
            """);
        List<string> told = [];

        _ = new Watch("fuse", folder, program).Run(TimeSpan.FromSeconds(60), told.Add, CancellationToken.None);

        string[] ends = [.. told.Where(line => line.Contains(": it ", StringComparison.Ordinal))];
        Assert.Equal(2, ends.Length);
        // A second of CPU time may be half a minute of another kind where much else is done.
        Assert.Contains(ends[0], new[] { "fuse: it takes more than a second of CPU time", "fuse: it does not come to an end" });
        Assert.Equal("fuse: it ended with 3", ends[1]);
        Assert.Equal(2, folder.Defects.Count());
        Assert.Equal(3, File.ReadAllLines(Path.Combine(_directory, "calls")).Length);
    }

    [Fact]
    public void It_stops_when_it_is_told_to_and_what_was_done_counts()
    {
        FuzzFolder folder = new(_directory) { Total = new FuzzTotal(100, 5, 6, 7, 8) };
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(500));

        FuzzTotal total = new Watch("fuse", folder, Program("exec sleep 60")).Run(TimeSpan.FromSeconds(60), _ => { }, stop.Token);

        Assert.True(total.Seconds > 100 && folder.Total == total);
    }

    private string Program(string script)
    {
        string program = Path.Combine(_directory, "program");
        File.WriteAllText(program, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return program;
    }
}
