using System.Text;
using ProcFs.Metrics;

namespace ProcFs.Tests;

/// <summary>Where metrics may be served, and what is understood there.</summary>
public sealed class MetricsAddressTests
{
    [Theory]
    [InlineData("unix:/run/procfs/metrics.sock")]
    [InlineData("127.0.0.1:9100")]
    [InlineData("[::1]:1")]
    public void An_address_of_this_host_is_one(string text) => Assert.Equal(text, MetricsAddress.Parse(text)!.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("unix:")]
    [InlineData("unix:relative")]
    [InlineData("unix:/directory/")]
    [InlineData("0.0.0.0:9100")]
    [InlineData("192.168.1.1:9100")]
    [InlineData("[::]:9100")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:0")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:+80")]
    [InlineData("localhost:9100")]
    [InlineData(":9100")]
    public void Any_other_is_none(string text) => Assert.Null(MetricsAddress.Parse(text));

    [Fact]
    public void A_path_is_as_long_as_a_socket_may_have_it()
    {
        Assert.NotNull(MetricsAddress.Parse("unix:/" + new string('x', 106)));
        Assert.Null(MetricsAddress.Parse("unix:/" + new string('x', 107)));
    }

    [Theory]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 200)]
    [InlineData("GET /metrics?x=y HTTP/1.0\n\n", 200)]
    [InlineData("HEAD /metrics HTTP/1.1\r\n\r\n", 405)]
    [InlineData("POST /metrics HTTP/1.1\r\n\r\n", 405)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", 404)]
    [InlineData("GET /metrics\r\n\r\n", 400)]
    [InlineData("GET  HTTP/1.1\r\n\r\n", 400)]
    [InlineData("\r\n\r\n", 400)]
    [InlineData("\0\u0001\u0002\n\n", 400)]
    [InlineData("GET /metrics HTTP/2\r\n\r\n", 400)]
    public void A_request_is_understood_or_answered_with_what_is_wrong(string request, int status)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(request);
        Assert.True(MetricsRequest.IsComplete(bytes));
        Assert.False(MetricsRequest.IsComplete(bytes.AsSpan(0, bytes.Length - 1)));
        Assert.Equal(status, MetricsRequest.Status(bytes));
        for (int length = 0; length < bytes.Length; length++)
        {
            _ = MetricsRequest.Status(bytes.AsSpan(0, length));
        }
    }
}
