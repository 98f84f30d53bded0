using System.Globalization;
using System.Text;

namespace ProcFs.Fuzz.Engine;

/// <summary>What is kept of a target between runs: inputs that go ways of their own, defects, and how much was tried.</summary>
internal sealed class FuzzFolder
{
    private readonly string _path;

    public FuzzFolder(string path)
    {
        _path = path;
        Directory.CreateDirectory(Queue);
    }

    /// <summary>Inputs that went a new way.</summary>
    public string Queue => Path.Combine(_path, "queue");

    public string ExchangeFile => Path.Combine(_path, "exchange");

    public IEnumerable<string> Defects => Directory.EnumerateFiles(_path, "crash-*").Where(file => !file.EndsWith(".txt", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private string TotalFile => Path.Combine(_path, "total");

    public static string NameOf(ReadOnlySpan<byte> bytes)
    {
        // FNV-1a: names only have to differ.
        ulong hash = 14695981039346656037;
        foreach (byte one in bytes)
        {
            hash = (hash ^ one) * 1099511628211;
        }

        return hash.ToString("x16", CultureInfo.InvariantCulture);
    }

    /// <summary>The inputs of a directory, in order of their names; none when it is not there.</summary>
    public static IEnumerable<byte[]> Read(string directory)
        => Directory.Exists(directory) ? Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal).Select(File.ReadAllBytes) : [];

    public void Keep(byte[] input) => File.WriteAllBytes(Path.Combine(Queue, NameOf(input)), input);

    /// <summary>Keeps a defect, the shortest input of each; true when it is a new one.</summary>
    public bool KeepDefect(byte[] input, string signature, string story)
    {
        string path = Path.Combine(_path, "crash-" + NameOf(Encoding.UTF8.GetBytes(signature))[..8]);
        bool isNew = !File.Exists(path);
        if (isNew || new FileInfo(path).Length > input.Length)
        {
            File.WriteAllBytes(path, input);
            File.WriteAllText(path + ".txt", $"{signature}\n\n{story}\n");
        }

        return isNew;
    }

    /// <summary>All runs together.</summary>
    public FuzzTotal Total
    {
        get
        {
            string[] words = File.Exists(TotalFile) ? File.ReadAllText(TotalFile).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) : [];
            return words is [var seconds, var inputs, var seed, var edges, var kept]
                && double.TryParse(seconds, CultureInfo.InvariantCulture, out double time) && long.TryParse(inputs, CultureInfo.InvariantCulture, out long count)
                && long.TryParse(seed, CultureInfo.InvariantCulture, out long next) && long.TryParse(edges, CultureInfo.InvariantCulture, out long ways) && long.TryParse(kept, CultureInfo.InvariantCulture, out long queue)
                ? new FuzzTotal(time, count, next, ways, queue)
                : default;
        }

        set
        {
            File.WriteAllText(TotalFile + ".new", string.Create(CultureInfo.InvariantCulture, $"{value.Seconds:0.0} {value.Inputs} {value.Seed} {value.Edges} {value.Kept}\n"));
            File.Move(TotalFile + ".new", TotalFile, overwrite: true);
        }
    }
}

/// <summary>How much was tried.</summary>
/// <param name="Seconds">Of time.</param>
/// <param name="Inputs">So many.</param>
/// <param name="Seed">Of the next one.</param>
/// <param name="Edges">Of the program that were seen; 0 where it was not instrumented.</param>
/// <param name="Kept">Inputs that go ways of their own.</param>
internal readonly record struct FuzzTotal(double Seconds, long Inputs, long Seed, long Edges, long Kept);
