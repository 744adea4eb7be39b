using System.Buffers.Binary;

namespace MultiArchImage.Testbed;

/// <summary>The beginnings of programs for machines that no binary is at hand for.</summary>
public static class SampleProgram
{
    /// <summary>For x86-64.</summary>
    public static byte[] Amd64 => Elf(62);

    /// <summary>For x86-64, to be loaded at one address.</summary>
    public static byte[] Amd64Fixed => Elf(62, type: 2);

    /// <summary>For AArch64.</summary>
    public static byte[] Arm64 => Elf(183);

    /// <summary>For ARM of 32 bits.</summary>
    public static byte[] Arm => Elf(40, bits: 32);

    /// <summary>The header of an ELF file with nothing behind it.</summary>
    /// <param name="machine">e_machine.</param>
    /// <param name="bits">Its class.</param>
    /// <param name="isBig">Its byte order.</param>
    /// <param name="type">e_type: 3 is a position-independent program, 2 one that is not, 1 an object file.</param>
    public static byte[] Elf(ushort machine, int bits = 64, bool isBig = false, ushort type = 3)
    {
        var header = new byte[64];
        "\u007fELF"u8.CopyTo(header);
        (header[4], header[5], header[6]) = ((byte)(bits / 32), (byte)(isBig ? 2 : 1), 1);
        Write(16, type);
        Write(18, machine);
        return header;

        void Write(int offset, ushort number)
        {
            if (isBig)
                BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(offset), number);
            else
                BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(offset), number);
        }
    }
}
