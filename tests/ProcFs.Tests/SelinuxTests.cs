using ProcFs.Configuration;
using ProcFs.Doctor;
using ProcFs.Serving;

namespace ProcFs.Tests;

/// <summary>Labels of SELinux: their form, whether the host takes any, and what its policy answers.</summary>
public sealed class SelinuxTests : IDisposable
{
    private readonly string _proc = Directory.CreateTempSubdirectory("procfs-tests-").FullName;

    public void Dispose() => Directory.Delete(_proc, recursive: true);

    [Theory]
    [InlineData("system_u:object_r:container_file_t:s0")]
    [InlineData("system_u:object_r:container_file_t")]
    [InlineData("system_u:object_r:container_file_t:s0:c1,c2")]
    [InlineData("system_u:object_r:container_file_t:s0-s0:c0.c1023")]
    [InlineData("system_u:object_r:container_file_t:SystemLow-SystemHigh")]
    public void A_label_has_three_names_and_may_have_a_level(string text) => Assert.True(SelinuxLabel.IsLabel(text));

    [Theory]
    [InlineData("")]
    [InlineData("container_file_t")]
    [InlineData("system_u:object_r")]
    [InlineData("system_u::container_file_t")]
    [InlineData("system_u:object_r:container_file_t:")]
    [InlineData("system_u:object_r:container_file_t:s0:c1,")]
    [InlineData("system_u:object_r:container_file_t:s0-s1-s2")]
    [InlineData("system_u:object_r:container_file_t:s0:c1:c2")]
    [InlineData("system_u:object_r:container_file_t:s0 ")]
    [InlineData("system_u:object_r:container,file_t:s0")]
    [InlineData("system_u:object_r:container_file_t,fd=0")]
    [InlineData("system_u:object_r:container_file_t:s0\"")]
    [InlineData("system_u:object_r:container_file_t:s0\n")]
    [InlineData("system_u:object_r:contäiner_file_t:s0")]
    public void Anything_else_is_none(string text) => Assert.False(SelinuxLabel.IsLabel(text));

    [Fact]
    public void A_label_leaves_room_for_the_other_options_of_a_mount()
    {
        string label = "u:r:t:s0:" + string.Join(',', Enumerable.Range(0, 200).Select(number => "c" + number));
        Assert.True(SelinuxLabel.IsLabel(label));
        Assert.False(SelinuxLabel.IsLabel(label + new string('0', 1024)));
    }

    [Theory]
    [InlineData("nodev\tselinuxfs\nnodev\tfuse\n", "system_u:system_r:kernel_t:s0\0", true)]
    [InlineData("nodev\tselinuxfs\nnodev\tfuse\n", "kernel\0", false)] // no policy is loaded
    [InlineData("nodev\tfuse\n", ":profile:of//apparmor (enforce)\n", false)]
    [InlineData("nodev\tfuse\n", null, false)]
    [InlineData(null, null, false)]
    public void SELinux_is_in_use_where_the_kernel_has_it_and_a_policy(string? fileSystems, string? current, bool expected)
    {
        if (fileSystems is not null)
        {
            File.WriteAllText($"{_proc}/filesystems", fileSystems);
        }

        if (current is not null)
        {
            Directory.CreateDirectory($"{_proc}/self/attr");
            File.WriteAllText($"{_proc}/self/attr/current", current);
        }

        Assert.Equal(expected, Selinux.IsInUse(_proc));
    }

    [Theory]
    [InlineData("3 ffffffff 0 ffffffff 1 0", 1, true)]
    [InlineData("2 ffffffff 0 ffffffff 1 0", 1, false)]
    [InlineData("80000000 ffffffff 0 ffffffff 1 0", 32, true)]
    [InlineData("0 ffffffff 0 ffffffff 1 1", 1, true)] // the domain is permissive
    [InlineData("x", 1, null)]
    [InlineData("", 1, null)]
    public void What_the_policy_answers(string answer, int permission, bool? expected) => Assert.Equal(expected, SelinuxPolicy.MayRead(answer, permission));
}
