using System.Buffers.Binary;
using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse.Tests;

public class FuzzTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Mutated_requests_never_throw_and_every_reply_is_well_formed(int seed)
    {
        Random random = new(seed);
        byte[][] seeds =
        [
            Message.Init(7, 45, ulong.MaxValue),
            .. Enum.GetValues<FuseOpcode>().Select(o => Message.Request(o, 1, new byte[64])),
            Message.Request(FuseOpcode.FUSE_LOOKUP, 1, Message.Name("meminfo")),
            Message.Request(FuseOpcode.FUSE_LOOKUP, 1, Message.Name(new string('x', 255))),
            .. Enumerable.Range(1, 6).Select(n => Message.Read((ulong)n, 10, 4096)),
            Message.ReadDirectory(1, 0, 4096),
            Message.ReadDirectory(3, 7, 200_000),
        ];
        Dispatcher dispatcher = new(new TinyFileSystem(), new SessionParameters(), new ListLogger());
        byte[] reply = new byte[RequestSlots.ReplySize];
        int answered = 0;
        int errors = 0;
        for (int round = 0; round < 100_000; round++)
        {
            byte[] request = Mutate(random, seeds[random.Next(seeds.Length)]);
            Span<byte> buffer = reply.AsSpan(0, random.Next(4) == 0 ? random.Next(Dispatcher.MinimumReplySize, reply.Length) : reply.Length);
            int length = dispatcher.Dispatch(request, buffer, round & 3);
            if (length == 0)
            {
                continue;
            }

            FuseOutHeader header = Message.Header(reply);
            Assert.InRange(length, FuseOutHeader.Size, buffer.Length);
            Assert.Equal((uint)length, header.Len);
            Assert.InRange(header.Error, -511, 0);
            Assert.Equal(BinaryPrimitives.ReadUInt64LittleEndian(request.AsSpan(8)), header.Unique);
            Assert.True(header.Error == 0 || length == FuseOutHeader.Size);
            answered++;
            errors += header.Error == 0 ? 0 : 1;
        }

        Assert.InRange(answered, 50_000, 100_000);
        Assert.InRange(errors, 10_000, answered - 10_000); // both kinds of answers were made, or the mutations are no good
    }

    private static byte[] Mutate(Random random, byte[] seed)
    {
        byte[] request = [.. seed];
        for (int i = random.Next(4); i > 0; i--)
        {
            switch (random.Next(6))
            {
                case 0:
                    request = request[..random.Next(request.Length + 1)];
                    break;
                case 1:
                    byte[] tail = new byte[random.Next(100)];
                    random.NextBytes(tail);
                    request = [.. request, .. tail];
                    break;
                case 2 when request.Length >= 4:
                    BinaryPrimitives.WriteInt32LittleEndian(request, request.Length); // the right length again
                    break;
                case 3 when request.Length > 48:
                    int field = 40 + (8 * random.Next((request.Length - 40) / 8)); // an extreme number in a field of the body
                    BinaryPrimitives.WriteUInt64LittleEndian(request.AsSpan(field), Extreme(random));
                    break;
                default:
                    if (request.Length > 0)
                    {
                        request[random.Next(request.Length)] = (byte)random.Next(256);
                    }

                    break;
            }
        }

        return request;
    }

    private static ulong Extreme(Random random) => random.Next(6) switch
    {
        0 => ulong.MaxValue,
        1 => 1ul << 63,
        2 => long.MaxValue,
        3 => (1ul << 32) - 1,
        4 => 0,
        _ => (ulong)random.NextInt64(),
    };
}
