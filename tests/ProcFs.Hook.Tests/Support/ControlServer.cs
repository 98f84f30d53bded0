using System.Net.Sockets;
using System.Text;
using ProcFs.Hook.Control;

namespace ProcFs.Hook.Tests.Support;

/// <summary>Listens where a daemon would, and answers what the test says; null: never.</summary>
internal sealed class ControlServer : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
    private readonly List<Socket> _accepted = [];
    private readonly Func<string, byte[]?> _answer;

    public ControlServer(string runDirectory, Func<string, byte[]?> answer, bool accepts = true, int backlog = 8)
    {
        _answer = answer;
        Directory.CreateDirectory(runDirectory);
        _listener.Bind(new UnixDomainSocketEndPoint(RunDirectory.ControlSocket(runDirectory)));
        _listener.Listen(backlog);
        if (accepts)
        {
            new Thread(Serve) { IsBackground = true }.Start();
        }
    }

    /// <summary>What it was asked, in order.</summary>
    public List<string> Requests { get; } = [];

    public static byte[] Place(ulong container, string mount, uint minor, params string[] files)
        => ControlMessage.Format(new ControlAnswer { Container = container, Mount = mount, Minor = minor, Files = files });

    public void Dispose()
    {
        _listener.Dispose();
        lock (_accepted)
        {
            _accepted.ForEach(socket => socket.Dispose());
        }
    }

    private void Serve()
    {
        byte[] buffer = new byte[ControlMessage.MostBytes];
        try
        {
            while (true)
            {
                Socket peer = _listener.Accept();
                lock (_accepted)
                {
                    _accepted.Add(peer);
                }

                for (int length = peer.Receive(buffer); length > 0; length = peer.Receive(buffer))
                {
                    string request = Encoding.UTF8.GetString(buffer, 0, length).TrimEnd('\n');
                    lock (Requests)
                    {
                        Requests.Add(request);
                    }

                    if (_answer(request) is { } answer)
                    {
                        peer.Send(answer);
                    }
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // the test is over
        }
    }
}
