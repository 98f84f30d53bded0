using System.Globalization;
using System.Text;
using ProcFs.Interop;
using ProcFs.Serving;
using ProcFs.Tree;

namespace ProcFs.Registration;

/// <summary>
/// The containers' numbers, in a file that outlives the daemon: handed out once and never again within a boot, because mounts and open
/// files in containers hold them. Text, one line each: number, pid, start time, name. A line is appended by one write(2), so a kill loses
/// at most a line that nobody was told of.
/// </summary>
internal sealed class NumberTable : IDisposable
{
    private const string Magic = "procfs-numbers 1";
    private const uint OwnerReadWrite = 0x180; // 0600
    private const int LinesBeforeCompacting = 8192;
    private const int MaxLength = 64 << 20;

    private readonly string _path;
    private readonly Guid _boot;
    private readonly Dictionary<ulong, RegistrationKey> _keys = [];
    private readonly Dictionary<RegistrationKey, ulong> _numbers = [];
    private FileDescriptor? _file;
    private ulong _next = 1;
    private int _lines;

    private NumberTable(string path, Guid boot)
    {
        _path = path;
        _boot = boot;
    }

    /// <summary>What is known from the file, and was handed out since: some of it may have ended.</summary>
    public IReadOnlyDictionary<ulong, RegistrationKey> Known => _keys;

    /// <summary>Where the numbers of a mount point are.</summary>
    public static string PathOf(string runDirectory, string mount) => Path.Combine(runDirectory, MountName.Of(mount) + ".numbers");

    /// <summary>What a table says, for somebody who is not its owner; empty: nothing that can be understood.</summary>
    public static IReadOnlyDictionary<ulong, RegistrationKey> Peek(string path, Guid boot)
    {
        using NumberTable table = new(path, boot);
        return table.TryRead(out _) ? table._keys : new Dictionary<ulong, RegistrationKey>();
    }

    /// <summary>Opens the table; makes a new one where there is none, it is of another boot, or it cannot be understood.</summary>
    /// <param name="path">The file.</param>
    /// <param name="boot">The kernel's boot id.</param>
    /// <param name="mayBeInUse">Files with numbers of an earlier table may be in use: where that is lost, numbers go on where it cannot have been.</param>
    /// <param name="bootTimeNs">The time, in ns since boot.</param>
    /// <param name="defect">Why a table of this boot was not used, in one phrase; null: it was, or there was none.</param>
    /// <param name="unwritable">Why no number can be handed out now, in one sentence; it is tried again with each. Null: all is well.</param>
    public static NumberTable Open(string path, Guid boot, bool mayBeInUse, long bootTimeNs, out string? defect, out string? unwritable)
    {
        NumberTable table = new(path, boot);
        if (!table.TryRead(out defect) && (mayBeInUse || defect is not null))
        {
            // Nobody starts a container every 10 µs; and this fits into a node id for 89 years.
            table._keys.Clear();
            table._numbers.Clear();
            table._next = (ulong)Math.Max(0, bootTimeNs / 10_000) + 1;
        }

        unwritable = null;
        try
        {
            table.Rewrite();
        }
        catch (Failure failure)
        {
            // A full disk passes. The numbers that are known are served meanwhile.
            unwritable = failure.Message;
        }

        return table;
    }

    /// <summary>The container's number: the one it has, or a new one, which is on its way to nobody before it is in the file.</summary>
    /// <exception cref="Failure">The file cannot be written.</exception>
    public ulong NumberOf(RegistrationKey key)
    {
        if (_numbers.TryGetValue(key, out ulong known))
        {
            return known;
        }

        if (_file is null || ++_lines > LinesBeforeCompacting)
        {
            Rewrite();
        }

        ulong number = _next++;
        byte[] line = Encoding.UTF8.GetBytes(Line(number, key));
        nint written = Libc.Write(_file!.Number, line);
        if (written != line.Length)
        {
            // What came after half a line would be lost with it: the next number begins with a new file.
            _file.Dispose();
            _file = null;
            throw Unwritable(written < 0 ? Libc.ErrorOf(written) : Errno.ENOSPC);
        }

        Add(number, key);
        return number;
    }

    /// <summary>The container has ended: its number is gone for ever.</summary>
    public void Forget(ulong number)
    {
        if (_keys.Remove(number, out RegistrationKey key))
        {
            _numbers.Remove(key);
        }
    }

    public void Dispose() => _file?.Dispose();

    private void Add(ulong number, RegistrationKey key)
    {
        Forget(number);
        if (_numbers.Remove(key, out ulong other))
        {
            _keys.Remove(other);
        }

        _keys.Add(number, key);
        _numbers.Add(key, number);
    }

    /// <summary>False when there is nothing to go on from; then with a defect, unless it is missing or of another boot.</summary>
    private bool TryRead(out string? defect)
    {
        defect = null;
        string text;
        try
        {
            if (new FileInfo(_path) is { Exists: true, Length: > MaxLength })
            {
                defect = "it is too long";
                return false;
            }

            text = File.ReadAllText(_path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            defect = exception.Message;
            return false;
        }

        string[] lines = text.Split('\n');
        string[] head = lines[0].Split(' ');
        if (head is not ["procfs-numbers", "1", var boot, var next] || !Guid.TryParse(boot, out Guid ofBoot) || !TryParse(next, out ulong first) || first is 0 or > NodeId.MaxContainer)
        {
            defect = "its first line is not understood";
            return false;
        }

        if (ofBoot != _boot)
        {
            return false;
        }

        _next = first;
        // The last part is empty, or a line that was cut off.
        foreach (string line in lines.AsSpan(1..Math.Max(1, lines.Length - 1)))
        {
            if (line.Split(' ') is not [var number, var pid, var start, { Length: > 0 } name] || !TryParse(number, out ulong of) || of is 0 or >= NodeId.MaxContainer
                || !int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out int process) || !TryParse(start, out ulong startTime))
            {
                defect = $"a line in it is not understood: \"{line}\"";
                return false;
            }

            Add(of, new RegistrationKey(name, process, startTime));
            _next = Math.Max(_next, of + 1);
        }

        return true;
    }

    /// <summary>With what is left, and the next number: those of the ended ones are not handed out again.</summary>
    private void Rewrite()
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{Magic} {_boot:D} {_next}\n");
        foreach ((ulong number, RegistrationKey key) in _keys.OrderBy(known => known.Key))
        {
            text.Append(Line(number, key));
        }

        _file?.Dispose();
        _file = null;
        string temporary = _path + ".new";
        FileDescriptor file = FileDescriptor.Open(temporary, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_TRUNC | Libc.O_NOFOLLOW, out Errno error, mode: OwnerReadWrite)
            ?? throw Unwritable(error);
        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        nint written = Libc.Write(file.Number, bytes);
        if (written != bytes.Length)
        {
            file.Dispose();
            throw Unwritable(written < 0 ? Libc.ErrorOf(written) : Errno.ENOSPC);
        }

        try
        {
            File.Move(temporary, _path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            file.Dispose();
            throw new Failure(ExitCode.Failed, $"cannot write the numbers of the containers, {_path}: {exception.Message}; choose another run directory with --run-dir");
        }

        _file = file;
        _lines = _keys.Count;
    }

    private Failure Unwritable(Errno error)
        => new(ExitCode.Failed, $"cannot write the numbers of the containers, {_path}: {Libc.Describe(error)}; make room there, or choose another run directory with --run-dir");

    private static string Line(ulong number, RegistrationKey key) => string.Create(CultureInfo.InvariantCulture, $"{number} {key.Pid} {key.StartTime} {key.Name}\n");

    private static bool TryParse(string text, out ulong value) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
