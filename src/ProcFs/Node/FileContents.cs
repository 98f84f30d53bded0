namespace ProcFs.Node;

/// <summary>What files say, compared.</summary>
internal static class FileContents
{
    private const int BufferBytes = 1 << 18;

    /// <summary>Whether two files have the same bytes. False where one of them cannot be read.</summary>
    public static bool AreSame(string one, string other)
    {
        try
        {
            using FileStream first = Open(one), second = Open(other);
            if (first.Length != second.Length)
            {
                return false;
            }

            byte[] ofFirst = new byte[BufferBytes], ofSecond = new byte[BufferBytes];
            int read;
            while ((read = first.ReadAtLeast(ofFirst, BufferBytes, throwOnEndOfStream: false)) > 0)
            {
                if (second.ReadAtLeast(ofSecond.AsSpan(0, read), read, throwOnEndOfStream: false) != read || !ofFirst.AsSpan(0, read).SequenceEqual(ofSecond.AsSpan(0, read)))
                {
                    return false;
                }
            }

            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static FileStream Open(string path) => new(path, new FileStreamOptions { BufferSize = 0, Share = FileShare.ReadWrite | FileShare.Delete });
}
