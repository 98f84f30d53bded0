using System.Text;
using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Files;
using ProcFs.Text;

namespace ProcFs.Tests;

/// <summary>Sets of CPUs in the host's numbers, and the same in a container's.</summary>
public sealed class VisibleSetTests
{
    [Theory]
    // As kernels print them, by how many CPUs these were built or booted for.
    [InlineData(1, "0", "1")]
    [InlineData(2, "0-1", "3")]
    [InlineData(4, "1,3", "a")]
    [InlineData(5, "4", "10")]
    [InlineData(32, "0-31", "ffffffff")]
    [InlineData(33, "0-32", "1,ffffffff")]
    [InlineData(33, "5", "0,00000020")]
    [InlineData(64, "0-1,63", "80000000,00000003")]
    [InlineData(65, "64", "1,00000000,00000000")]
    [InlineData(256, "0,128", "00000000,00000000,00000000,00000001,00000000,00000000,00000000,00000001")]
    [InlineData(100, "96-99", "f,00000000,00000000,00000000")]
    public void A_bitmap_is_as_the_kernel_prints_one_of_that_many_CPUs(int cpus, string list, string mask)
    {
        CpuSet all = CpuSet.FirstOf(cpus);
        int own = CpuSet.TryParse(list, out CpuSet parsed) ? parsed[0] : 0;
        Assert.Equal(mask + "\n", Show(CpuText.Mask, mask + "\n", all, own));
        Assert.Equal(list + "\n", Show(CpuText.List, list + "\n", all, own));
        Assert.Equal(mask + "\n", HostTree.Mask(cpus, list));
    }

    [Theory]
    [InlineData("0,2-3", "0-3", 0, "0-2", "7", "0 1 2")]
    [InlineData("0,2-3", "0-1", 0, "0", "1", "0")]
    [InlineData("0,2-3", "2-3", 1, "1-2", "6", "1 2")]
    [InlineData("5,9,70", "9,70-80,100", 1, "1-2", "6", "1 2")]
    [InlineData("64-127", "64,126-127", 0, "0,62-63", "c0000000,00000001", "0 62 63")]
    [InlineData("3", "0-8191", 0, "0", "1", "0")]
    public void What_a_container_does_not_see_is_left_out_and_the_rest_renumbered(string available, string host, int own, string list, string mask, string numbers)
    {
        Assert.True(CpuSet.TryParse(available, out CpuSet set));
        Assert.Equal(list + "\n", Show(CpuText.List, host + "\n", set, own));
        Assert.Equal(mask + "\n", Show(CpuText.Mask, HostTree.Mask(8192, host), set, own));
        Assert.True(CpuSet.TryParse(host, out CpuSet hosts));
        Assert.Equal(numbers + "\n", Show(CpuText.Numbers, string.Join(' ', hosts.Cpus.ToArray()) + "\n", set, own));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("-1")]
    [InlineData("1-")]
    [InlineData("3-1")]
    [InlineData("99999999999")]
    [InlineData("x,,y-z")]
    [InlineData("1:2")]
    public void What_makes_no_sense_leaves_the_CPU_alone(string host)
    {
        Assert.Equal("1\n", Show(CpuText.List, host, CpuSet.FirstOf(4), own: 1));
        Assert.Equal("1\n", Show(CpuText.Numbers, host, CpuSet.FirstOf(4), own: 1));
    }

    [Fact]
    public void Any_bytes_give_a_set_of_visible_CPUs()
    {
        Random random = new(7);
        Assert.True(CpuSet.TryParse("1,3-5,64,100-130", out CpuSet available));
        foreach (CpuText form in new[] { CpuText.List, CpuText.Mask, CpuText.Numbers })
        {
            for (int i = 0; i < 20_000; i++)
            {
                string host = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => "0123456789abcf,- \n"[random.Next(18)]));
                string shown = Show(form, host, available, own: 2);
                Assert.EndsWith("\n", shown, StringComparison.Ordinal);
                if (form == CpuText.List)
                {
                    Assert.True(CpuSet.TryParse(shown, out CpuSet set) && set.Contains(2) && set[set.Count - 1] < available.Count, $"{host} became {shown}");
                }
            }
        }
    }

    private static string Show(CpuText form, string host, CpuSet available, int own)
    {
        TextBuffer output = new();
        new CpuFile(1, "x", form).Render(Encoding.ASCII.GetBytes(host), CpuView.Of(null, null, available, default, null), own, output);
        return Encoding.ASCII.GetString(output.Text);
    }
}
