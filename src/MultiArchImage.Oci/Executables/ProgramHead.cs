using System.Text;

namespace MultiArchImage.Oci.Executables;

/// <summary>What the first bytes of a file say of what runs it: a machine, or another program.</summary>
internal sealed record ProgramHead
{
    /// <summary>How many bytes tell: a PE has its machine behind a DOS program, and what .NET says behind that.</summary>
    public const int Size = 4096;

    // What Linux reads of a first line (BINPRM_BUF_SIZE).
    private const int FirstLineSize = 256;

    private ProgramHead(string format) => Format = format;

    /// <summary><c>ELF</c>, <c>PE</c> or <c>script</c>.</summary>
    public string Format { get; }

    /// <summary>What a binary is made for; null for a script.</summary>
    public Machine? Machine { get; private init; }

    /// <summary>The program that a script names in its first line; null for a binary.</summary>
    public string? Interpreter { get; private init; }

    /// <summary>Reads the beginning of a file; null where it is none of a program, or does not tell.</summary>
    public static ProgramHead? Read(ReadOnlySpan<byte> head) =>
        ElfHeader.Read(head) is { } elf ? new ProgramHead("ELF") { Machine = elf }
        : PeHeader.Read(head) is { } pe ? new ProgramHead("PE") { Machine = pe }
        : ReadInterpreter(head) is { } interpreter ? new ProgramHead("script") { Interpreter = interpreter }
        : null;

    private static string? ReadInterpreter(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith("#!"u8))
            return null;
        var line = head[2..Math.Min(head.Length, FirstLineSize)];
        var end = line.IndexOf((byte)'\n');
        var words = Encoding.UTF8.GetString(end < 0 ? line : line[..end]).Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
        return words.FirstOrDefault();
    }
}
