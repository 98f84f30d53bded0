using System.Security.Cryptography;

namespace ProcFs.Hook.Tests;

public sealed class Sha256Tests
{
    [Fact]
    public void It_is_the_one_of_the_standard_for_every_length_around_its_blocks()
    {
        Random random = new(3);
        for (int length = 0; length < 300; length++)
        {
            byte[] message = new byte[length];
            random.NextBytes(message);
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(message)), Sha256.Hex(message));
        }
    }
}
