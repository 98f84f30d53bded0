using System.Buffers.Binary;
using System.Text;
using ProcFs.Configuration;

namespace ProcFs.Privileges;

/// <summary>
/// The two messages between server and attacher. Both are one program, started at the same moment. A request is version, operation, two bytes of nothing, a number,
/// and for a mount its label; an answer is a number and, when that is negative, one sentence.
/// </summary>
internal static class AttacherMessage
{
    /// <summary>Bytes of the longest request.</summary>
    public const int MostRequest = 2048;

    /// <summary>Bytes of the longest answer.</summary>
    public const int MostAnswer = 1024;

    /// <summary>The number of an answer for what has no error number: it took too long.</summary>
    public const int TooLong = -4096;

    private const byte Version = 1;
    private const int NumberAt = 4;
    private const int LabelAt = 8;

    /// <summary>A request.</summary>
    /// <param name="operation">What is asked for.</param>
    /// <param name="number">For <see cref="AttacherOperation.Mount"/>: the most that one READ asks for, in bytes; 0: the kernel's choice.</param>
    /// <param name="label">For the same: the SELinux label; empty: none.</param>
    public static byte[] Request(AttacherOperation operation, uint number = 0, string label = "")
    {
        byte[] message = [.. new byte[LabelAt], .. Encoding.ASCII.GetBytes(label)];
        message[0] = Version;
        message[1] = (byte)operation;
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(NumberAt), number);
        return message;
    }

    /// <summary>False: that is no request, or its label is none.</summary>
    public static bool TryReadRequest(ReadOnlySpan<byte> message, out AttacherOperation operation, out uint number, out string? label)
    {
        bool isOne = message.Length is >= LabelAt and <= MostRequest && message[0] == Version && message[1] is >= (byte)AttacherOperation.Mount and <= (byte)AttacherOperation.DetachContainers;
        label = isOne && message.Length > LabelAt ? Encoding.ASCII.GetString(message[LabelAt..]) : null;
        isOne &= label is null || (message[1] == (byte)AttacherOperation.Mount && SelinuxLabel.IsLabel(label));
        operation = isOne ? (AttacherOperation)message[1] : default;
        number = isOne ? BinaryPrimitives.ReadUInt32LittleEndian(message[NumberAt..]) : 0;
        return isOne;
    }

    /// <summary>An answer.</summary>
    /// <param name="number">What came out; negative: -errno, or <see cref="TooLong"/>.</param>
    /// <param name="text">Why not; cut off where it does not fit.</param>
    public static byte[] Answer(int number, string text = "")
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        byte[] message = new byte[sizeof(int) + Math.Min(bytes.Length, MostAnswer - sizeof(int))];
        BinaryPrimitives.WriteInt32LittleEndian(message, number);
        bytes.AsSpan(0, message.Length - sizeof(int)).CopyTo(message.AsSpan(sizeof(int)));
        return message;
    }

    /// <summary>False: that is no answer.</summary>
    public static bool TryReadAnswer(ReadOnlySpan<byte> message, out int number, out string text)
    {
        bool isOne = message.Length is >= sizeof(int) and <= MostAnswer;
        number = isOne ? BinaryPrimitives.ReadInt32LittleEndian(message) : 0;
        text = isOne ? Encoding.UTF8.GetString(message[sizeof(int)..]) : "";
        return isOne;
    }
}
