using System.Globalization;
using System.Text;
using ProcFs.Hook.Registration;

namespace ProcFs.Hook.Control;

/// <summary>
/// The talk over <see cref="RunDirectory.ControlSocket"/> (AF_UNIX, SOCK_SEQPACKET): one packet each way, UTF-8, a request one line and an
/// answer several. A line that is not known is skipped, so that a later version can add some. docs/registration.md has all of them.
/// </summary>
public static class ControlMessage
{
    /// <summary>The longest packet, in bytes.</summary>
    public const int MostBytes = 16 * 1024;

    private const string Register = "REGISTER";
    private const string Unregister = "UNREGISTER";
    private const string Attached = "ATTACHED";
    private const string Where = "WHERE";
    private const string Reload = "RELOAD";
    private const string Done = "DONE";
    private const string Error = "ERROR";
    private const string Container = "CONTAINER";
    private const string Mount = "MOUNT";
    private const string Minor = "MINOR";
    private const string File = "FILE";
    private const string Part = "PART";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A request as it is sent.</summary>
    public static byte[] Format(ControlRequest request) => Strict.GetBytes(request.Verb switch
    {
        ControlVerb.Register => $"{Register} {request.Name}\n",
        ControlVerb.Unregister => $"{Unregister} {request.Name}\n",
        ControlVerb.Attached => $"{Attached} {request.Name}\n",
        ControlVerb.Reload => Reload + "\n",
        _ => Where + "\n",
    });

    /// <summary>An answer as it is sent. One that would be too long says so instead.</summary>
    public static byte[] Format(ControlAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        StringBuilder text = new();
        if (answer.Error is { } error)
        {
            text.Append(Error).Append(' ').Append(OneLine(error)).Append('\n');
        }
        else if (answer.Mount.Length == 0)
        {
            text.Append(Done).Append('\n');
        }
        else
        {
            if (answer.Container > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{Container} {answer.Container}\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"{Mount} {answer.Mount}\n{Minor} {answer.Minor}\n");
            foreach (string file in answer.Files)
            {
                text.Append(File).Append(' ').Append(file).Append('\n');
            }

            foreach (string part in answer.Parts)
            {
                text.Append(Part).Append(' ').Append(part).Append('\n');
            }
        }

        byte[] packet = Strict.GetBytes(text.ToString());
        return packet.Length <= MostBytes ? packet : Strict.GetBytes($"{Error} the answer would be longer than {MostBytes >> 10} KiB\n");
    }

    /// <summary>Reads a request; false, and one sentence for the answer, when it is none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, out ControlRequest request, out string defect)
    {
        request = default;
        if (!TryDecode(packet, out string text))
        {
            defect = "the request is no text";
            return false;
        }

        string line = text.EndsWith('\n') ? text[..^1] : text;
        (string word, string name) = Split(line);
        ControlVerb? verb = word switch
        {
            Register => ControlVerb.Register,
            Unregister => ControlVerb.Unregister,
            Attached => ControlVerb.Attached,
            Where => ControlVerb.Where,
            Reload => ControlVerb.Reload,
            _ => null,
        };
        if (verb is null)
        {
            defect = "the request is not known to this version";
            return false;
        }

        // A name that the spool would not use itself leads out of it.
        bool isAlone = verb is ControlVerb.Where or ControlVerb.Reload;
        bool fits = isAlone ? name.Length == 0 : name.Length > 0 && RunDirectory.RegistryName(name) == name;
        defect = fits ? "" : $"{word} must be followed by {(isAlone ? "nothing" : "the name of an entry in the registry")}";
        request = fits ? new ControlRequest(verb.Value, name) : default;
        return fits;
    }

    /// <summary>Reads an answer; false, and why, when it is none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, out ControlAnswer answer, out string defect)
    {
        answer = new ControlAnswer();
        if (!TryDecode(packet, out string text))
        {
            defect = "it is no text";
            return false;
        }

        List<string> files = [];
        List<string> parts = [];
        bool isDone = false;
        foreach (string line in text.Split('\n'))
        {
            (string word, string value) = Split(line);
            switch (word)
            {
                case Error when value.Length > 0: answer = answer with { Error = value }; break;
                case Done: isDone = true; break;
                case Container when ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) && number > 0:
                    answer = answer with { Container = number };
                    break;
                case Mount when value.StartsWith('/'): answer = answer with { Mount = value }; break;
                case Minor when uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out uint minor):
                    answer = answer with { Minor = minor };
                    break;
                case File when FileNames.IsPossible(value): files.Add(value); break;
                case Part when FileNames.IsPossible(value): parts.Add(value); break;
                case Error or Container or Mount or Minor or File or Part:
                    defect = $"its {word} makes no sense";
                    return false;
            }
        }

        bool hasPlace = answer is { Mount.Length: > 0, Minor: > 0 };
        bool isWhole = answer.Error is not null || isDone || hasPlace;
        answer = answer with { Files = files, Parts = parts };
        defect = isWhole ? "" : "it says neither what was done nor what is wrong";
        return isWhole;
    }

    private static bool TryDecode(ReadOnlySpan<byte> packet, out string text)
    {
        text = "";
        if (packet.Length > MostBytes || packet.Contains((byte)0))
        {
            return false;
        }

        try
        {
            text = Strict.GetString(packet);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static (string Word, string Value) Split(string line)
    {
        int blank = line.IndexOf(' ', StringComparison.Ordinal);
        return blank < 0 ? (line, "") : (line[..blank], line[(blank + 1)..]);
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
