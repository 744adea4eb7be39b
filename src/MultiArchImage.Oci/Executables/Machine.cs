using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Executables;

/// <summary>The processor that a program is made for, as the program itself says.</summary>
/// <remarks>
/// Only families are told apart. A 32-bit program of a family runs on what is called its 64-bit architecture (386 on amd64, arm on arm64), though
/// not on every core that is made; what the headers say of variants (arm/v6, amd64/v3) is too little to accuse anybody of.
/// </remarks>
/// <param name="Name">What people call it: <c>x86-64</c>.</param>
/// <param name="Architectures">The architectures of images that may hold such a program, in GOARCH words; none where the processor is unknown.</param>
internal sealed record Machine(string Name, IReadOnlyList<string> Architectures)
{
    private static readonly HashSet<string> Told =
        [.. ElfHeader.Machines.Concat(PeHeader.Machines).SelectMany(machine => machine.Architectures)];

    /// <summary>A processor that this module knows by its number only.</summary>
    public static Machine Unknown(int number) => new($"machine {number}", []);

    /// <summary>Whether such a program surely does not run on a platform: a processor or architecture that nobody here knows proves nothing.</summary>
    public bool IsForeignTo(Platform platform) => Told.Contains(platform.Architecture) && !Architectures.Contains(platform.Architecture);
}
