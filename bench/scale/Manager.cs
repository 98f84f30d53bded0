using System.Net.Sockets;
using System.Text;
using ProcFs.Interop;

namespace ProcFs.Bench;

/// <summary>
/// A service manager as far as sd_notify(3) goes: takes what servers say, and keeps nothing. Servers that are started while it is there know of it by
/// their environment, and of its watchdog if it has one.
/// </summary>
internal sealed class Manager : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly TaskCompletionSource<long> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="site">Where its socket is.</param>
    /// <param name="watchdog">How long a server may be silent; null: as long as it likes.</param>
    public Manager(Site site, TimeSpan? watchdog = null)
    {
        string path = $"{site.NewDirectory("notify")}/{Guid.NewGuid():N}";
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", path);
        Environment.SetEnvironmentVariable("WATCHDOG_USEC", watchdog?.TotalMicroseconds.ToString("0", System.Globalization.CultureInfo.InvariantCulture));
        Thread listener = new(Listen) { IsBackground = true };
        listener.Start();
    }

    /// <summary>When the first server said READY: CLOCK_MONOTONIC, ns.</summary>
    /// <exception cref="BenchFailure">None did.</exception>
    public long AwaitReady() => _ready.Task.Wait(TimeSpan.FromSeconds(30)) ? _ready.Task.Result : throw new BenchFailure("the server did not say READY within 30 s");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", null);
        Environment.SetEnvironmentVariable("WATCHDOG_USEC", null);
        _socket.Dispose();
    }

    // Descriptors that come along are not asked for, so the kernel closes them.
    private void Listen()
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (true)
            {
                int length = _socket.Receive(buffer);
                if (Encoding.UTF8.GetString(buffer, 0, length).Split('\n').Contains("READY=1"))
                {
                    _ready.TrySetResult(Libc.ClockNanoseconds(Libc.CLOCK_MONOTONIC));
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed of.
        }
    }
}
