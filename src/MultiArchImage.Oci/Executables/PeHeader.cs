using System.Reflection.PortableExecutable;
using Coff = System.Reflection.PortableExecutable.Machine;

namespace MultiArchImage.Oci.Executables;

/// <summary>What the headers of a Windows program say of its machine (PE format: COFF File Header).</summary>
internal static class PeHeader
{
    // Windows on arm64 emulates x64, but not in containers.
    private static readonly Dictionary<Coff, Machine> Known = new()
    {
        [Coff.I386] = new("x86", ["386", "amd64"]),
        [Coff.Amd64] = new("x86-64", ["amd64"]),
        [Coff.ArmThumb2] = new("ARM", ["arm"]),
        [Coff.Arm64] = new("AArch64", ["arm64"]),
    };

    /// <summary>The processors that are known.</summary>
    public static IEnumerable<Machine> Machines => Known.Values;

    /// <summary>
    /// The machine of a native program; null where these bytes do not begin one, are too few to tell, or begin an assembly of .NET that runs
    /// on any.
    /// </summary>
    public static Machine? Read(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith("MZ"u8))
            return null;
        try
        {
            using var stream = new MemoryStream(head.ToArray());
            var headers = new PEHeaders(stream);
            return IsPortable(headers) ? null : Known.GetValueOrDefault(headers.CoffHeader.Machine);
        }
        catch (Exception e) when (e is BadImageFormatException or IOException)
        {
            return null;
        }
    }

    // AnyCPU says I386 in its header, and only its flags say that it means nothing by it (ECMA-335, II.25.3.3.1).
    private static bool IsPortable(PEHeaders headers) =>
        headers.CorHeader is { } managed && managed.Flags.HasFlag(CorFlags.ILOnly) && !managed.Flags.HasFlag(CorFlags.Requires32Bit);
}
