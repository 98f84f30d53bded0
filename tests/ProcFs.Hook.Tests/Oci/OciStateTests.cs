using System.Text;
using ProcFs.Hook.Oci;

namespace ProcFs.Hook.Tests.Oci;

public sealed class OciStateTests
{
    [Theory]
    // runc 1.1: createRuntime, createContainer, poststop
    [InlineData("""{"ociVersion":"1.0.2-dev","id":"box","status":"creating","pid":4711,"bundle":"/run/b","annotations":{"a":"1"}}""", 4711, "creating", "/run/b")]
    [InlineData("""{"ociVersion":"1.0.2-dev","id":"box","status":"creating","pid":1,"bundle":"/run/b"}""", 1, "creating", "/run/b")]
    [InlineData("""{"ociVersion":"1.0.2-dev","id":"box","status":"stopped","bundle":"/run/b"}""", 0, "stopped", "/run/b")]
    // crun 1.8: the same, with the root verbatim, and startContainer
    [InlineData("""{"ociVersion":"1.0","id":"box","pid":4711,"root":"rootfs","bundle":"/run/b","status":"created","annotations":{}}""", 4711, "created", "/run/b")]
    [InlineData("""{"ociVersion":"1.0","id":"box","pid":0,"root":"rootfs","bundle":"/run/b","status":"created"}""", 0, "created", "/run/b")]
    [InlineData("""{"ociVersion":"1.0","id":"box","pid":0,"root":"rootfs","bundle":"/","status":"starting"}""", 0, "starting", "/")]
    [InlineData("""{"ociVersion":"1.0","id":"box","pid":0,"root":"rootfs","bundle":"/run/b","status":"stopped"}""", 0, "stopped", "/run/b")]
    // what no runtime says, but nothing forbids
    [InlineData("""{"id":"box"}""", 0, "", null)]
    [InlineData("""{"id":"box","pid":null,"bundle":null,"status":null,"annotations":null}""", 0, "", null)]
    [InlineData("""{"id":"box","pid":"4711","bundle":["/x"],"annotations":[1,{"a":2}],"x":{"y":[{}]}}""", 0, "", null)]
    [InlineData("""{"id":"box","pid":-5,"bundle":"relative"}""", 0, "", null)]
    [InlineData("""{"id":"box","pid":4294967297,"bundle":"/a\u0000b"}""", 0, "", null)]
    [InlineData("""{"id":"first","id":"box","pid":7,"pid":8}""", 8, "", null)]
    public void Every_variant_is_understood(string text, int pid, string status, string? bundle)
    {
        OciState? state = OciState.Parse(Encoding.UTF8.GetBytes(text), out string defect);
        Assert.True(state is not null, defect);
        Assert.Equal(("box", pid, status, bundle), (state.Id, state.Pid, state.Status, state.Bundle));
    }

    [Fact]
    public void Annotations_that_are_no_texts_are_left_out()
    {
        OciState state = OciState.Parse("""{"id":"box","annotations":{"a":"1","b":2,"c":{"d":"e"},"f":null,"g":"\u00fc"}}"""u8, out _)!;
        Assert.Equal([new("a", "1"), new("g", "ü")], state.Annotations.OrderBy(pair => pair.Key, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"id":""}""")]
    [InlineData("""{"id":7}""")]
    [InlineData("""{"id":"box","pid":47""")]
    [InlineData("""{"id":"\udfff"}""")]
    public void What_is_no_state_is_refused_with_a_reason(string text)
    {
        Assert.Null(OciState.Parse(Encoding.UTF8.GetBytes(text), out string defect));
        Assert.NotEmpty(defect);
    }

    [Fact]
    public void Every_prefix_of_a_state_is_refused_and_none_throws()
    {
        byte[] whole = Encoding.UTF8.GetBytes("""{"id":"box","pid":4711,"bundle":"/run/b","annotations":{"a":"ü"},"x":[1.5e3,true,{"y":null}]}""");
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.Null(OciState.Parse(whole.AsSpan(0, length), out string defect));
            Assert.NotEmpty(defect);
        }
    }

    [Fact]
    public void Mutations_never_throw()
    {
        byte[] whole = Encoding.UTF8.GetBytes("""{"id":"box","pid":4711,"bundle":"/run/b","annotations":{"a":"ü"},"x":[1.5e3,true,{"y":null}]}""");
        Random random = new(5);
        for (int round = 0; round < 100_000; round++)
        {
            byte[] text = [.. whole];
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                text[random.Next(text.Length)] = (byte)random.Next(256);
            }

            OciState? state = OciState.Parse(text, out string defect);
            Assert.NotEqual(state is null, defect.Length == 0);
        }
    }

    [Fact]
    public void Deep_nesting_ends_with_a_reason()
        => Assert.Null(OciState.Parse(Encoding.UTF8.GetBytes("{\"id\":\"box\",\"x\":" + new string('[', 1 << 20)), out _));
}
