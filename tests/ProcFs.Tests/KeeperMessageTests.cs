using System.Text;
using ProcFs.Handover;

namespace ProcFs.Tests;

/// <summary>The protocol between server and keeper is frozen: these bytes never change.</summary>
public sealed class KeeperMessageTests
{
    [Theory]
    [InlineData(1, "/m", "5046534B 0100 0100 02000000 00000000 2F6D")]
    [InlineData(2, "/ä", "5046534B 0100 0200 03000000 00000000 2FC3A4")]
    [InlineData(3, "/var/lib/procfs", "5046534B 0100 0300 0F000000 00000000 2F7661722F6C69622F70726F636673")]
    [InlineData(4, "", "5046534B 0100 0400 00000000 00000000")]
    [InlineData(128, "", "5046534B 0100 8000 00000000 00000000")]
    [InlineData(129, "no", "5046534B 0100 8100 02000000 00000000 6E6F")]
    [InlineData(130, "/m", "5046534B 0100 8200 02000000 00000000 2F6D")]
    [InlineData(131, "", "5046534B 0100 8300 00000000 00000000")]
    [InlineData(132, "served 7 /m\n", "5046534B 0100 8400 0C000000 00000000 73657276656420 37202F6D0A")]
    public void Bytes_of_version_1(int kind, string text, string hex)
    {
        byte[] expected = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        KeeperMessage message = new((KeeperMessageKind)kind, text);
        byte[] buffer = new byte[KeeperMessage.MaxSize];
        buffer.AsSpan().Fill(0xee);
        Assert.Equal(expected, buffer[..message.Encode(buffer)]);
        Assert.Equal(KeeperMessageDefect.None, KeeperMessage.Decode(expected, out KeeperMessage decoded));
        Assert.Equal(message, decoded);
    }

    [Theory]
    [InlineData("", KeeperMessageDefect.Foreign)]
    [InlineData("5046534B 0100 0100 00000000 000000", KeeperMessageDefect.Foreign)] // a byte is missing
    [InlineData("5046534C 0100 0100 00000000 00000000", KeeperMessageDefect.Foreign)]
    [InlineData("5046534B 0200 0100 00000000 00000000", KeeperMessageDefect.OtherVersion)]
    [InlineData("5046534B 0000 0100 00000000 00000000", KeeperMessageDefect.OtherVersion)]
    [InlineData("5046534B 0200 FFFF FFFFFFFF FFFFFFFF 00", KeeperMessageDefect.OtherVersion)] // whatever comes behind the version
    [InlineData("5046534B 0100 0000 00000000 00000000", KeeperMessageDefect.UnknownKind)]
    [InlineData("5046534B 0100 0500 00000000 00000000", KeeperMessageDefect.UnknownKind)]
    [InlineData("5046534B 0100 7F00 00000000 00000000", KeeperMessageDefect.UnknownKind)]
    [InlineData("5046534B 0100 8500 00000000 00000000", KeeperMessageDefect.UnknownKind)]
    [InlineData("5046534B 0100 0101 00000000 00000000", KeeperMessageDefect.UnknownKind)]
    [InlineData("5046534B 0100 0100 01000000 00000000", KeeperMessageDefect.Malformed)] // shorter than it says
    [InlineData("5046534B 0100 0100 00000000 00000000 2F", KeeperMessageDefect.Malformed)] // longer
    [InlineData("5046534B 0100 0100 FFFFFFFF 00000000 2F", KeeperMessageDefect.Malformed)]
    [InlineData("5046534B 0100 0100 01000000 01000000 2F", KeeperMessageDefect.Malformed)] // not zero
    [InlineData("5046534B 0100 0100 02000000 00000000 2F00", KeeperMessageDefect.Malformed)] // NUL
    [InlineData("5046534B 0100 0100 02000000 00000000 2FC3", KeeperMessageDefect.Malformed)] // half a character
    [InlineData("5046534B 0100 0100 03000000 00000000 EDA080", KeeperMessageDefect.Malformed)] // a surrogate
    public void What_is_wrong_is_told_apart(string hex, object defect)
    {
        byte[] bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(defect, KeeperMessage.Decode(bytes, out _));
    }

    [Fact]
    public void A_list_that_is_too_long_ends_with_a_whole_line()
    {
        string line = "served 123456 /" + new string('ä', 100) + "\n";
        byte[] buffer = new byte[KeeperMessage.MaxSize];
        int length = new KeeperMessage(KeeperMessageKind.Listed, string.Concat(Enumerable.Repeat(line, 200))).Encode(buffer);
        Assert.Equal(KeeperMessageDefect.None, KeeperMessage.Decode(buffer.AsSpan(0, length), out KeeperMessage decoded));
        Assert.All(decoded.Text.Split('\n'), part => Assert.Equal(line.TrimEnd('\n'), part));
        Assert.InRange(length, KeeperMessage.MaxSize - (2 * line.Length), KeeperMessage.MaxSize);
    }

    [Fact]
    public void A_text_without_lines_that_is_too_long_is_cut_between_characters()
    {
        byte[] buffer = new byte[KeeperMessage.MaxSize];
        int length = new KeeperMessage(KeeperMessageKind.Error, "x" + new string('ä', KeeperMessage.MaxPayload)).Encode(buffer);
        Assert.Equal(KeeperMessageDefect.None, KeeperMessage.Decode(buffer.AsSpan(0, length), out KeeperMessage decoded));
        Assert.Equal("x" + new string('ä', (KeeperMessage.MaxPayload - 1) / 2), decoded.Text);
    }

    [Theory]
    [InlineData("/", true)]
    [InlineData("/var/lib/procfs", true)]
    [InlineData("", false)]
    [InlineData("var", false)]
    public void A_mount_is_an_absolute_path(string text, bool expected) => Assert.Equal(expected, KeeperMessage.IsMount(text));

    [Fact]
    public void A_mount_is_at_most_as_long_as_a_journal_holds()
    {
        Assert.Equal(Fuse.Journal.MaxMountLength, KeeperMessage.MaxMount);
        Assert.True(KeeperMessage.IsMount("/" + new string('x', KeeperMessage.MaxMount - 1)));
        Assert.False(KeeperMessage.IsMount("/" + new string('x', KeeperMessage.MaxMount)));
        Assert.False(KeeperMessage.IsMount("/" + new string('ä', KeeperMessage.MaxMount / 2)));
    }

    /// <summary>Every result is either a defect, or a message that encodes to the very same bytes.</summary>
    [Fact]
    public void Whatever_comes_is_a_message_or_a_defect()
    {
        Random random = new(20261121);
        byte[] buffer = new byte[KeeperMessage.MaxSize];
        byte[] again = new byte[KeeperMessage.MaxSize];
        int understood = 0;
        for (int round = 0; round < 200_000; round++)
        {
            int length = new KeeperMessage((KeeperMessageKind)random.Next(1, 5), "/mnt/" + (char)random.Next('a', 'z')).Encode(buffer);
            for (int change = random.Next(4); change > 0; change--)
            {
                buffer[random.Next(length)] = (byte)random.Next(256);
            }

            ReadOnlySpan<byte> bytes = buffer.AsSpan(0, random.Next(4) == 0 ? random.Next(length + 8) : length);
            if (KeeperMessage.Decode(bytes, out KeeperMessage message) == KeeperMessageDefect.None)
            {
                understood++;
                Assert.True(bytes.SequenceEqual(again.AsSpan(0, message.Encode(again))), Encoding.UTF8.GetString(bytes));
            }
        }

        Assert.InRange(understood, 1000, 199_000);
    }
}
