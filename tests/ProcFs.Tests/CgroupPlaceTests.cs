using System.Text;
using ProcFs.Attaching;

namespace ProcFs.Tests;

public sealed class CgroupPlaceTests
{
    [Theory]
    [InlineData("0::/docker/a", "0::/docker/a", true)]
    [InlineData("0::/docker/a/inner", "0::/docker/a", true)]
    [InlineData("0::/docker/ab", "0::/docker/a", false)]
    [InlineData("0::/docker", "0::/docker/a", false)]
    [InlineData("0::/docker/a", "0::/", false)] // a container without a cgroup of its own has no processes by cgroup
    [InlineData("4:memory:/docker/a\n0::/", "4:memory:/docker/a\n0::/", true)] // a hierarchy that the runtime does not use
    [InlineData("4:memory:/docker/a\n3:cpu:/x", "4:memory:/docker/a\n3:cpu:/docker/a", false)]
    [InlineData("9:memory:/docker/a", "4:memory:/docker/a", true)] // by controllers, not by numbers
    [InlineData("", "0::/docker/a", false)]
    [InlineData("nonsense\n0:", "0::/docker/a", false)]
    public void A_process_is_in_a_container_by_every_cgroup_that_this_has(string process, string container, bool isWithin)
        => Assert.Equal(isWithin, Parse(process).IsWithin(Parse(container)));

    [Fact]
    public void The_same_place_is_the_same_in_every_hierarchy()
    {
        Assert.True(Parse("0::/a\n1:cpu:/b\n").IsSameAs(Parse("0::/a\n1:cpu:/b\n")));
        Assert.False(Parse("0::/a\n1:cpu:/b\n").IsSameAs(Parse("0::/a\n1:cpu:/c\n")));
        Assert.False(Parse("0::/a").IsSameAs(Parse("")));
    }

    [Theory]
    [InlineData("0::/system.slice/a.service", true)]
    [InlineData("4:memory:/\n0::/user.slice/user-0.slice/user@0.service/app.slice/x.scope", true)]
    [InlineData("0::/system.slice/docker-1.scope", false)]
    [InlineData("0::/docker/service", false)]
    [InlineData("", false)]
    public void A_service_of_systemds_has_one_on_its_way(string process, bool isOfService) => Assert.Equal(isOfService, Parse(process).IsOfService);

    private static CgroupPlace Parse(string text) => CgroupPlace.Parse(Encoding.UTF8.GetBytes(text));
}
