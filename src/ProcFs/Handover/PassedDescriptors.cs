using System.Globalization;
using ProcFs.Interop;

namespace ProcFs.Handover;

/// <summary>
/// The descriptors that a service manager passed to this process, sd_listen_fds(3): by name, never by position, since a descriptor store
/// gives them back in any order. All are close-on-exec from here on; whatever nobody takes is closed.
/// </summary>
/// <remarks>Dispose before taking a record lock on one that was taken: closing a second descriptor of the same file drops it.</remarks>
internal sealed class PassedDescriptors : IDisposable
{
    /// <summary>SD_LISTEN_FDS_START.</summary>
    public const int First = 3;

    /// <summary>More are never passed.</summary>
    public const int Most = 1024;

    private readonly List<(string Name, int Descriptor)> _descriptors;

    private PassedDescriptors(List<(string, int)> descriptors) => _descriptors = descriptors;

    /// <summary>The names of those not taken yet; one may come more than once.</summary>
    public IEnumerable<string> Names => _descriptors.Select(passed => passed.Name);

    /// <summary>Reads the environment and takes these variables out of it: they are not for this process's children.</summary>
    public static PassedDescriptors Claim()
    {
        string? pid = Remove("LISTEN_PID");
        string? count = Remove("LISTEN_FDS");
        string? names = Remove("LISTEN_FDNAMES");
        return From(pid, count, names, Environment.ProcessId, First);
    }

    /// <summary>Same, from the three variables; null: not set.</summary>
    public static PassedDescriptors From(string? pid, string? count, string? names, int ownPid, int first)
    {
        List<(string, int)> descriptors = [];
        string[] list = names?.Split(':') ?? [];
        // Meant for another process, or not what a manager says: then nothing is known about any number from 3 on.
        if (Number(pid) == ownPid && Number(count) is > 0 and <= Most and int number && list.Length == number)
        {
            for (int i = 0; i < number; i++)
            {
                if (Libc.ClaimInherited(first + i))
                {
                    descriptors.Add((list[i], first + i));
                }
            }
        }

        return new PassedDescriptors(descriptors);
    }

    /// <summary>The first with a name, from now on the caller's to close; -1 when there is none.</summary>
    public int Take(string name)
    {
        int index = _descriptors.FindIndex(passed => passed.Name == name);
        if (index < 0)
        {
            return -1;
        }

        int taken = _descriptors[index].Descriptor;
        _descriptors.RemoveAt(index);
        return taken;
    }

    /// <summary>Closes those that were not taken.</summary>
    public void Dispose()
    {
        foreach ((_, int descriptor) in _descriptors)
        {
            _ = Libc.Close(descriptor);
        }

        _descriptors.Clear();
    }

    private static int? Number(string? text)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static string? Remove(string variable)
    {
        string? value = Environment.GetEnvironmentVariable(variable);
        Environment.SetEnvironmentVariable(variable, null);
        return value;
    }
}
