using System.Text;
using ProcFs.Hook.Control;

namespace ProcFs.Hook.Tests.Control;

public sealed class ControlMessageTests
{
    [Theory]
    [InlineData(ControlVerb.Register, "box-1", "REGISTER box-1\n")]
    [InlineData(ControlVerb.Unregister, "box-1", "UNREGISTER box-1\n")]
    [InlineData(ControlVerb.Attached, "box-1", "ATTACHED box-1\n")]
    [InlineData(ControlVerb.Where, "", "WHERE\n")]
    public void A_request_is_one_line_and_read_again(ControlVerb verb, string name, string line)
    {
        byte[] packet = ControlMessage.Format(new ControlRequest(verb, name));
        Assert.Equal(line, Encoding.UTF8.GetString(packet));
        Assert.True(ControlMessage.TryParse(packet, out ControlRequest request, out string defect), defect);
        Assert.Equal(new ControlRequest(verb, name), request);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HELLO\n")]
    [InlineData("REGISTER\n")]
    [InlineData("REGISTER ../x\n")]
    [InlineData("REGISTER a/b\n")]
    [InlineData("REGISTER a b\n")]
    [InlineData("REGISTER a\nREGISTER b\n")]
    [InlineData("WHERE now\n")]
    [InlineData("REGISTER a\0\n")]
    public void Anything_else_is_refused_with_a_sentence(string packet)
    {
        Assert.False(ControlMessage.TryParse(Encoding.UTF8.GetBytes(packet), out ControlRequest request, out string defect));
        Assert.Equal(default, request);
        Assert.NotEmpty(defect);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused() => Assert.False(ControlMessage.TryParse([0xff, 0xfe], out ControlRequest _, out _));

    [Fact]
    public void The_answer_to_a_registration_has_place_and_files_and_is_read_again()
    {
        ControlAnswer answer = new() { Container = 7, Mount = "/run/procfs/fuse/var-lib-procfs", Minor = 99, Files = ["proc/meminfo", "proc/stat"], Parts = ["sys/a/b"] };
        byte[] packet = ControlMessage.Format(answer);
        Assert.Equal(
            "CONTAINER 7\nMOUNT /run/procfs/fuse/var-lib-procfs\nMINOR 99\nFILE proc/meminfo\nFILE proc/stat\nPART sys/a/b\n",
            Encoding.UTF8.GetString(packet));
        ControlAnswer read = Parse(packet);
        Assert.Equal((7UL, answer.Mount, 99U), (read.Container, read.Mount, read.Minor));
        Assert.Equal(answer.Files, read.Files);
        Assert.Equal(answer.Parts, read.Parts);
        Assert.Equal([true, true, false], new[] { "proc/stat", "sys/a/b", "sys/a" }.Select(read.Serves));
        Assert.Equal("/run/procfs/fuse/var-lib-procfs/c/7", read.SourceDirectory);
    }

    [Fact]
    public void Without_a_container_the_common_files_are_meant()
    {
        ControlAnswer read = Parse(ControlMessage.Format(new ControlAnswer { Mount = "/m", Minor = 3, Files = ["proc/stat"] }));
        Assert.Equal("/m/common", read.SourceDirectory);
    }

    [Fact]
    public void Done_and_errors_are_told_apart()
    {
        Assert.Null(Parse(ControlMessage.Format(new ControlAnswer())).Error);
        Assert.Equal("no such process", Parse(ControlMessage.Format(new ControlAnswer { Error = "no such\nprocess" })).Error?.Replace('\n', ' '));
        Assert.Equal("ERROR a b\n", Encoding.UTF8.GetString(ControlMessage.Format(new ControlAnswer { Error = "a\nb" })));
    }

    [Fact]
    public void Lines_of_a_later_version_are_skipped()
        => Assert.Equal(4UL, Parse("LATER x\nCONTAINER 4\nMOUNT /m\nMINOR 2\nNEW\nFILE proc/stat\n"u8).Container);

    [Theory]
    [InlineData("")]
    [InlineData("CONTAINER 4\n")]
    [InlineData("MOUNT /m\n")]
    [InlineData("CONTAINER -1\nMOUNT /m\nMINOR 2\n")]
    [InlineData("MOUNT m\nMINOR 2\n")]
    [InlineData("MOUNT /m\nMINOR x\n")]
    [InlineData("MOUNT /m\nMINOR 2\nFILE ../etc/passwd\n")]
    [InlineData("MOUNT /m\nMINOR 2\nFILE proc//x\n")]
    public void An_answer_that_makes_no_sense_is_refused(string packet)
    {
        Assert.False(ControlMessage.TryParse(Encoding.UTF8.GetBytes(packet), out ControlAnswer _, out string defect));
        Assert.NotEmpty(defect);
    }

    [Fact]
    public void An_answer_that_would_be_too_long_says_so()
    {
        byte[] packet = ControlMessage.Format(new ControlAnswer { Mount = "/m", Minor = 1, Files = [.. Enumerable.Range(0, 2000).Select(i => $"proc/file-{i}")] });
        Assert.True(packet.Length < ControlMessage.MostBytes);
        Assert.Contains("16 KiB", Parse(packet).Error, StringComparison.Ordinal);
    }

    private static ControlAnswer Parse(ReadOnlySpan<byte> packet)
    {
        Assert.True(ControlMessage.TryParse(packet, out ControlAnswer answer, out string defect), defect);
        return answer;
    }
}
