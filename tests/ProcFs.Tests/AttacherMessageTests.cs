using ProcFs.Privileges;

namespace ProcFs.Tests;

public sealed class AttacherMessageTests
{
    [Fact]
    public void What_is_asked_for_is_read_as_it_was_meant()
    {
        foreach (AttacherOperation operation in Enum.GetValues<AttacherOperation>())
        {
            Assert.True(AttacherMessage.TryReadRequest(AttacherMessage.Request(operation, 0xfedcba98), out AttacherOperation read, out uint number, out string? label));
            Assert.Equal((operation, 0xfedcba98, null), (read, number, label));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("0101000000000000FF")] // no label
    [InlineData("01010000000000")]
    [InlineData("0201000000000000")] // another version
    [InlineData("0100000000000000")] // no operation
    [InlineData("0108000000000000")]
    [InlineData("01FF000000000000")]
    public void Anything_else_is_no_request(string hex) => Assert.False(AttacherMessage.TryReadRequest(Convert.FromHexString(hex), out _, out _, out _));

    [Theory]
    [InlineData("system_u:object_r:container_file_t:s0:c1,c2", true)]
    [InlineData("system_u:object_r:container_file_t\",fd=0", false)] // what would be another option of the mount
    [InlineData("word", false)]
    public void A_mount_has_a_label_or_it_is_no_request(string label, bool isOne)
    {
        Assert.Equal(isOne, AttacherMessage.TryReadRequest(AttacherMessage.Request(AttacherOperation.Mount, 0, label), out _, out _, out string? read));
        Assert.Equal(isOne ? label : read, read);
        Assert.False(AttacherMessage.TryReadRequest(AttacherMessage.Request(AttacherOperation.Attach, 0, label), out _, out _, out _));
    }

    [Fact]
    public void A_sentence_that_does_not_fit_is_cut_off()
    {
        byte[] answer = AttacherMessage.Answer(-5, new string('x', 5000));

        Assert.Equal(AttacherMessage.MostAnswer, answer.Length);
        Assert.True(AttacherMessage.TryReadAnswer(answer, out int number, out string text));
        Assert.Equal((-5, AttacherMessage.MostAnswer - sizeof(int)), (number, text.Length));
    }

    [Fact]
    public void Less_than_a_number_is_no_answer() => Assert.False(AttacherMessage.TryReadAnswer([1, 2, 3], out _, out _));

    [Theory]
    [InlineData("A=1\0PROCFS_ATTACHER=7:4711\0B=2\0", 4711)]
    [InlineData("PROCFS_ATTACHER=7\0", 0)]
    [InlineData("XPROCFS_ATTACHER=7:4711\0", 0)]
    [InlineData("", 0)]
    public void Doctor_finds_the_attacher_in_the_environment(string environ, int pid) => Assert.Equal(pid, Separation.AttacherOf(environ));
}
