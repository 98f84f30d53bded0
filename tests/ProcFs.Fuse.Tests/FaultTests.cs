using Microsoft.Extensions.Logging;
using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse.Tests;

public class FaultTests
{
    [Fact]
    public void Exception_is_EIO_for_that_request_and_its_stack_is_told_once()
    {
        DispatcherFixture fixture = new();
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(Message.Error(FuseErrno.EIO), fixture.Send(Message.Read(5, 0, 4096)));
        }

        string line = Assert.Single(fixture.Logger.Lines);
        Assert.Contains("broken on purpose", line, StringComparison.Ordinal);
        Assert.Contains("READ of node 5", line, StringComparison.Ordinal);
        Assert.Contains(nameof(TinyFileSystem), line, StringComparison.Ordinal);
        Assert.Equal(16 + TinyFileSystem.Meminfo.Length, fixture.Send(Message.Read(2, 0, 4096)).Length);
    }

    [Fact]
    public void Each_place_and_type_of_exception_is_told()
    {
        DispatcherFixture fixture = new(new Faulty());
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(FuseErrno.EIO, fixture.ErrorOf(Message.Read(1, 0, 10)));
            Assert.Equal(FuseErrno.EIO, fixture.ErrorOf(Message.Read(2, 0, 10)));
            Assert.Equal(FuseErrno.EIO, fixture.ErrorOf(Message.Request(FuseOpcode.FUSE_RELEASE, 1, new byte[24])));
        }

        Assert.Equal(3, fixture.Logger.Lines.Length);
    }

    [Fact]
    public void Node_id_0_is_a_fault_and_never_reaches_the_kernel()
    {
        DispatcherFixture fixture = new();
        Assert.Equal(FuseErrno.EIO, fixture.ErrorOf(Message.Request(FuseOpcode.FUSE_LOOKUP, 1, Message.Name("zero"))));
        Assert.Contains("node id 0", Assert.Single(fixture.Logger.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(11)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void Length_that_cannot_be_is_a_fault(int length)
    {
        DispatcherFixture fixture = new(new Faulty { Length = length });
        Assert.Equal(FuseErrno.EIO, fixture.ErrorOf(Message.Read(3, 0, 10)));
        Assert.Equal(length == 11 ? FuseErrno.None : FuseErrno.EIO, LinkError(fixture));
    }

    [Theory]
    [InlineData(511, 511)]
    [InlineData(512, 5)] // the kernel refuses such a reply
    [InlineData(100_000, 5)]
    [InlineData(-1, 5)]
    [InlineData(int.MinValue, 5)]
    public void Error_outside_the_kernels_range_is_EIO(int answer, int expected)
    {
        DispatcherFixture fixture = new(new Faulty { Errno = (FuseErrno)answer });
        Assert.Equal((FuseErrno)expected, fixture.ErrorOf(Message.Read(4, 0, 10)));
        Assert.Equal((FuseErrno)expected, fixture.ErrorOf(Message.Request(FuseOpcode.FUSE_GETATTR, 4, new byte[16])));
    }

    [Fact]
    public void Logger_that_throws_changes_no_answer()
    {
        byte[] reply = new byte[RequestSlots.ReplySize];
        Dispatcher dispatcher = new(new TinyFileSystem(), new SessionParameters(), new ThrowingLogger());
        Assert.Equal(16, dispatcher.Dispatch(Message.Read(5, 0, 10), reply, 0));
        Assert.Equal(-(int)FuseErrno.EIO, Message.Header(reply).Error);
        Assert.Equal(0, dispatcher.Dispatch(new byte[3], reply, 0));
        Assert.Equal(16, dispatcher.Dispatch(Message.Request(FuseOpcode.FUSE_OPEN, 1), reply, 0));
        Assert.Equal(16, dispatcher.Dispatch(Message.Init(6, 0, 0), reply, 0));
    }

    private static FuseErrno LinkError(DispatcherFixture fixture)
        => (FuseErrno)(-Message.Header(fixture.Send(Message.Request(FuseOpcode.FUSE_READLINK, 3))).Error);

    private sealed class Faulty : TinyFileSystem
    {
        public int Length { get; init; }

        public FuseErrno Errno { get; init; }

        public override FuseErrno Read(in RequestContext context, ulong handle, long offset, Span<byte> destination, out int length)
        {
            length = Length;
            return context.NodeId switch
            {
                1 => throw new InvalidOperationException("one"),
                2 => throw new FormatException("two"),
                4 => Errno,
                _ => FuseErrno.None,
            };
        }

        public override FuseErrno GetAttributes(in RequestContext context, out NodeAttributes attributes)
        {
            attributes = default;
            return Errno;
        }

        public override FuseErrno ReadLink(in RequestContext context, Span<byte> destination, out int length)
        {
            length = Length;
            return FuseErrno.None;
        }

        public override void Release(in RequestContext context, ulong handle) => throw new InvalidOperationException("release");
    }

    private sealed class ThrowingLogger : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => throw new IOException("the log is full");
    }
}
