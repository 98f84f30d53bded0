using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Text;

namespace ProcFs.Files;

/// <summary>/proc/slabinfo: the container's own slab caches, where the kernel tells them. docs/fields/slabinfo.md.</summary>
internal sealed class SlabinfoFile : IProcFile
{
    public string Path => "proc/slabinfo";

    public Facts Facts => Facts.Slabs;

    public bool OnlyIfHostHas => true;

    public bool OnlyForRoot => true;

    public bool ShowsHost(ContainerSnapshot snapshot) => snapshot.IsHostProcess || snapshot.Resources.OwnMemoryScope == ControllerScope.Root;

    public void Render(ContainerSnapshot snapshot, TextBuffer output)
    {
        output.Write("slabinfo - version: 2.1\n"u8);
        output.Write("# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>"u8);
        output.Write(" : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n"u8);
        if (snapshot.Resources.OwnMemoryScope == ControllerScope.Container)
        {
            output.Write(snapshot.Resources.Slabs);
        }
    }
}
