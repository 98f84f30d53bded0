using System.Diagnostics;
using ProcFs.Interop;
using ProcFs.Keeping;
using ProcFs.Text;

namespace ProcFs.Metrics;

/// <summary>One connection of a scraper: a request comes, an answer goes, and nobody waits for either.</summary>
internal sealed class MetricsVisitor
{
    private readonly PollLoop _loop;
    private readonly int _socket;
    private readonly Action<TextBuffer> _write;
    private readonly Action<MetricsVisitor> _ended;
    private readonly long _since = Stopwatch.GetTimestamp();
    private readonly byte[] _request = new byte[MetricsRequest.MostBytes];
    private readonly TextBuffer _answer;
    private PollLoop.Source _source;
    private int _received;
    private int _sent;

    /// <param name="loop">Waits for it.</param>
    /// <param name="socket">Non-blocking; closed here.</param>
    /// <param name="answer">Room for the answer, until it has ended.</param>
    /// <param name="write">Appends the metrics.</param>
    /// <param name="ended">Told when it has ended.</param>
    public MetricsVisitor(PollLoop loop, int socket, TextBuffer answer, Action<TextBuffer> write, Action<MetricsVisitor> ended)
    {
        _loop = loop;
        _socket = socket;
        _answer = answer;
        _write = write;
        _ended = ended;
        _source = loop.Add(socket, Libc.POLLIN, _ => Receive());
    }

    public TextBuffer Answer => _answer;

    public TimeSpan Age => Stopwatch.GetElapsedTime(_since);

    public void End()
    {
        if (_source.IsActive)
        {
            _source.Remove();
            _ = Libc.Close(_socket);
            _ended(this);
        }
    }

    private void Receive()
    {
        nint count = Libc.Read(_socket, _request.AsSpan(_received));
        if (Libc.ErrorOf(count) == Errno.EAGAIN)
        {
            return;
        }

        if (count <= 0)
        {
            End();
            return;
        }

        _received += (int)count;
        ReadOnlySpan<byte> request = _request.AsSpan(0, _received);
        if (MetricsRequest.IsComplete(request) || _received == _request.Length)
        {
            Compose(MetricsRequest.IsComplete(request) ? MetricsRequest.Status(request) : 400);
            _source.Remove();
            _source = _loop.Add(_socket, Libc.POLLOUT, _ => Send());
            Send();
        }
    }

    private void Compose(int status)
    {
        _answer.Clear();
        _answer.Write(status switch
        {
            200 => "HTTP/1.1 200 OK\r\n"u8,
            404 => "HTTP/1.1 404 Not Found\r\n"u8,
            405 => "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\n"u8,
            _ => "HTTP/1.1 400 Bad Request\r\n"u8,
        });
        _answer.Write("Content-Type: "u8);
        foreach (char character in MetricsText.ContentType)
        {
            _answer.Write((byte)character);
        }

        // Where the answer ends is where the connection does.
        _answer.Write("\r\nConnection: close\r\n\r\n"u8);
        if (status == 200)
        {
            _write(_answer);
        }
        else
        {
            _answer.Write("the metrics are at /metrics\n"u8);
        }
    }

    private void Send()
    {
        while (_sent < _answer.Length)
        {
            nint count = Libc.SendMessage(_socket, [], _answer.Text[_sent..], [], Libc.MSG_DONTWAIT);
            if (Libc.ErrorOf(count) == Errno.EAGAIN)
            {
                return;
            }

            if (count <= 0)
            {
                break;
            }

            _sent += (int)count;
        }

        End();
    }
}
