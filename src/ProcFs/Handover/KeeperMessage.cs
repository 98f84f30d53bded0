using System.Buffers.Binary;
using System.Text;

namespace ProcFs.Handover;

/// <summary>
/// One message between a server and its keeper, in either direction. The two may be of different releases, so this is frozen:
/// <code>
///  0  u32  magic, the bytes "PFSK"
///  4  u16  version, 1
///  6  u16  kind
///  8  u32  length of the payload
/// 12  u32  zero
/// 16       payload, UTF-8 without NUL
/// </code>
/// Integers are little-endian. KEEP and GIVEN come with two descriptors, device then journal; no other message has any.
/// </summary>
internal readonly record struct KeeperMessage(KeeperMessageKind Kind, string Text)
{
    public const int HeaderSize = 16;

    /// <summary>The longest payload in bytes.</summary>
    public const int MaxPayload = 16 * 1024;

    public const int MaxSize = HeaderSize + MaxPayload;

    /// <summary>The longest path of a mount in bytes: what a journal has room for.</summary>
    public const int MaxMount = 1024;

    private const ushort Version = 1;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Writes it to a buffer of at least <see cref="MaxSize"/>; its length. A longer text is cut, at the end of a line where there is one.</summary>
    public int Encode(Span<byte> buffer)
    {
        int length = EncodeText(Text, buffer.Slice(HeaderSize, MaxPayload));
        "PFSK"u8.CopyTo(buffer);
        BinaryPrimitives.WriteUInt16LittleEndian(buffer[4..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(buffer[6..], (ushort)Kind);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer[8..], (uint)length);
        BinaryPrimitives.WriteUInt32LittleEndian(buffer[12..], 0);
        return HeaderSize + length;
    }

    /// <summary>Reads one; <paramref name="message"/> counts only when the result is <see cref="KeeperMessageDefect.None"/>.</summary>
    public static KeeperMessageDefect Decode(ReadOnlySpan<byte> bytes, out KeeperMessage message)
    {
        message = default;
        if (bytes.Length < HeaderSize || !bytes.StartsWith("PFSK"u8))
        {
            return KeeperMessageDefect.Foreign;
        }

        // Nothing behind the version means anything in another one.
        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]) != Version)
        {
            return KeeperMessageDefect.OtherVersion;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) != (uint)(bytes.Length - HeaderSize)
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) != 0
            || bytes[HeaderSize..].Contains((byte)0))
        {
            return KeeperMessageDefect.Malformed;
        }

        KeeperMessageKind kind = (KeeperMessageKind)BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]);
        if (kind is not (>= KeeperMessageKind.Keep and <= KeeperMessageKind.List or >= KeeperMessageKind.Ok and <= KeeperMessageKind.Listed))
        {
            return KeeperMessageDefect.UnknownKind;
        }

        try
        {
            message = new KeeperMessage(kind, Strict.GetString(bytes[HeaderSize..]));
            return KeeperMessageDefect.None;
        }
        catch (ArgumentException)
        {
            return KeeperMessageDefect.Malformed;
        }
    }

    /// <summary>Whether a text can be a mount's path: absolute, and not longer than a journal holds.</summary>
    public static bool IsMount(string text) => text.StartsWith('/') && Encoding.UTF8.GetByteCount(text) <= MaxMount;

    private static int EncodeText(string text, Span<byte> payload)
    {
        if (Encoding.UTF8.TryGetBytes(text, payload, out int length))
        {
            return length;
        }

        Encoding.UTF8.GetEncoder().Convert(text, payload, flush: true, out _, out length, out _);
        int lineEnd = payload[..length].LastIndexOf((byte)'\n');
        return lineEnd > 0 ? lineEnd : length;
    }
}
