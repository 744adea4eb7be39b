using System.Buffers.Binary;

namespace MultiArchImage.Oci.Executables;

/// <summary>What the header of an ELF file says of its machine (System V ABI, chapter 4: ELF Header).</summary>
internal static class ElfHeader
{
    private const int HeaderSize = 20;
    private const int Executable = 2, SharedObject = 3;

    // e_machine with class and byte order, which tell mips64le from mips. 32-bit MIPS covers the ABI n32, which is a 64-bit processor's.
    private static readonly Dictionary<(int Machine, int Bits, bool IsBig), Machine> Known = new()
    {
        [(3, 32, false)] = new("x86", ["386", "amd64"]),
        [(62, 64, false)] = new("x86-64", ["amd64"]),
        [(62, 32, false)] = new("x86-64 (x32)", ["amd64"]),
        [(40, 32, false)] = new("ARM", ["arm", "arm64"]),
        [(40, 32, true)] = new("ARM (big-endian)", ["armbe"]),
        [(183, 64, false)] = new("AArch64", ["arm64"]),
        [(183, 64, true)] = new("AArch64 (big-endian)", ["arm64be"]),
        [(20, 32, true)] = new("PowerPC", ["ppc", "ppc64"]),
        [(21, 64, true)] = new("PowerPC64", ["ppc64"]),
        [(21, 64, false)] = new("PowerPC64 (little-endian)", ["ppc64le"]),
        [(22, 32, true)] = new("S/390", ["s390", "s390x"]),
        [(22, 64, true)] = new("S/390 (64-bit)", ["s390x"]),
        [(243, 32, false)] = new("RISC-V (32-bit)", ["riscv"]),
        [(243, 64, false)] = new("RISC-V", ["riscv64"]),
        [(258, 64, false)] = new("LoongArch", ["loong64"]),
        [(8, 32, true)] = new("MIPS", ["mips", "mips64"]),
        [(8, 32, false)] = new("MIPS (little-endian)", ["mipsle", "mips64le"]),
        [(8, 64, true)] = new("MIPS64", ["mips64"]),
        [(8, 64, false)] = new("MIPS64 (little-endian)", ["mips64le"]),
    };

    /// <summary>The processors that are known.</summary>
    public static IEnumerable<Machine> Machines => Known.Values;

    /// <summary>The machine of a program; null where these bytes do not begin one, or are too few to tell.</summary>
    public static Machine? Read(ReadOnlySpan<byte> head)
    {
        if (head.Length < HeaderSize || !head.StartsWith("\u007fELF"u8) || head[4] is not (1 or 2) || head[5] is not (1 or 2))
            return null;
        var (bits, isBig) = (head[4] == 2 ? 64 : 32, head[5] == 2);
        // Position-independent programs are shared objects; what is neither (an object file, a core) runs on nothing.
        var (type, machine) = (Number(head[16..], isBig), Number(head[18..], isBig));
        return type is not (Executable or SharedObject) || machine == 0
            ? null
            : Known.GetValueOrDefault((machine, bits, isBig)) ?? Machine.Unknown(machine);
    }

    private static ushort Number(ReadOnlySpan<byte> bytes, bool isBig) =>
        isBig ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
}
