using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using MultiArchImage.Oci.Executables;
using MultiArchImage.Oci.Model;
using MultiArchImage.Testbed;
using Coff = System.Reflection.PortableExecutable.Machine;

namespace MultiArchImage.Oci.Tests.Executables;

/// <summary>What the first bytes of real programs, and of broken ones, tell.</summary>
public sealed class ProgramHeadTests
{
    [Fact]
    [Needs(Part.UnixFiles)]
    public void A_program_of_this_machine_runs_on_it_and_is_foreign_to_the_other()
    {
        var head = Head(File.ReadAllBytes(Environment.ProcessPath!));
        Assert.Equal("ELF", head!.Format);
        var (own, other) = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? ("linux/arm64", "linux/amd64") : ("linux/amd64", "linux/arm64");
        Assert.False(head.Machine!.IsForeignTo(Platform.Parse(own)));
        Assert.True(head.Machine.IsForeignTo(Platform.Parse(other)));
    }

    [Theory]
    [InlineData("busybox-amd64", "x86-64", "linux/amd64", "linux/arm64/v8")]
    [InlineData("busybox-arm64", "AArch64", "linux/arm64", "linux/arm/v7")]
    [Needs(Part.Engine)]
    public void Busybox_of_two_machines(string file, string name, string own, string other)
    {
        var machine = Head(File.ReadAllBytes(Path.Combine(Requirements.Busybox!, file)))!.Machine!;
        Assert.Equal(name, machine.Name);
        Assert.False(machine.IsForeignTo(Platform.Parse(own)));
        Assert.True(machine.IsForeignTo(Platform.Parse(other)));
    }

    [Theory]
    [InlineData(3, 32, false, "386 amd64")]
    [InlineData(62, 64, false, "amd64")]
    [InlineData(62, 32, false, "amd64")]
    [InlineData(40, 32, false, "arm arm64")]
    [InlineData(183, 64, false, "arm64")]
    [InlineData(21, 64, false, "ppc64le")]
    [InlineData(21, 64, true, "ppc64")]
    [InlineData(22, 64, true, "s390x")]
    [InlineData(243, 64, false, "riscv64")]
    [InlineData(258, 64, false, "loong64")]
    [InlineData(8, 32, true, "mips mips64")]
    [InlineData(8, 64, false, "mips64le")]
    public void Each_machine_runs_on_the_architectures_of_its_family_only(int number, int bits, bool isBig, string architectures)
    {
        var machine = Head(SampleProgram.Elf((ushort)number, bits, isBig))!.Machine!;
        string[] all = ["386", "amd64", "arm", "arm64", "ppc64le", "ppc64", "s390x", "riscv64", "loong64", "mips", "mipsle", "mips64", "mips64le"];
        Assert.Equal(architectures, string.Join(' ', all.Where(architecture => !machine.IsForeignTo(Platform.Create("linux", architecture)))));
    }

    [Fact]
    public void A_machine_that_nobody_knows_is_none_of_those_that_are_known_and_may_be_any_other()
    {
        var machine = Head(SampleProgram.Elf(4660))!.Machine!;
        Assert.Equal("machine 4660", machine.Name);
        Assert.True(machine.IsForeignTo(Platform.Parse("linux/amd64")));
        Assert.False(machine.IsForeignTo(Platform.Parse("linux/sw64")));
    }

    [Fact]
    public void Bytes_that_begin_no_program()
    {
        Assert.Null(Head([]));
        Assert.Null(Head("text"u8.ToArray()));
        Assert.Null(Head(SampleProgram.Amd64[..19]));
        Assert.Null(Head(SampleProgram.Elf(62, type: 1)));
        Assert.Null(Head(SampleProgram.Elf(0)));
        Assert.Null(Head("MZ"u8.ToArray()));
        Assert.Null(Head([.. "MZ"u8, .. new byte[200]]));
        Assert.Null(Head("#!"u8.ToArray()));
        Assert.Null(Head("#! \n/bin/sh"u8.ToArray()));
    }

    [Theory]
    [InlineData("#!/bin/sh\necho", "/bin/sh")]
    [InlineData("#! /usr/bin/env -S python3 -u\n", "/usr/bin/env")]
    [InlineData("#!/bin/bash -e\r\n", "/bin/bash")]
    [InlineData("#!/bin/sh", "/bin/sh")]
    public void The_interpreter_of_a_script(string script, string interpreter) =>
        Assert.Equal(interpreter, Head(System.Text.Encoding.UTF8.GetBytes(script))!.Interpreter);

    [Fact]
    public void An_assembly_of_NET_that_runs_anywhere_accuses_nobody()
    {
        // The header of this one says I386, and means nothing by it.
        var bytes = File.ReadAllBytes(typeof(FsCheck.Property).Assembly.Location);
        Assert.Equal(Coff.I386, new PEHeaders(new MemoryStream(bytes)).CoffHeader.Machine);
        Assert.Null(Head(bytes));
    }

    [Theory]
    [InlineData(Coff.Amd64, CorFlags.Requires32Bit, "windows/amd64", "windows/arm64")]
    [InlineData(Coff.Arm64, CorFlags.Requires32Bit, "windows/arm64", "windows/amd64")]
    [InlineData(Coff.I386, CorFlags.ILOnly | CorFlags.Requires32Bit, "windows/386", "windows/arm64")]
    public void A_Windows_program_for_one_machine(Coff coff, CorFlags flags, string own, string other)
    {
        var head = Head(Pe(coff, flags))!;
        Assert.Equal("PE", head.Format);
        Assert.False(head.Machine!.IsForeignTo(Platform.Parse(own)));
        Assert.True(head.Machine.IsForeignTo(Platform.Parse(other)));
    }

    private static ProgramHead? Head(byte[] bytes) => ProgramHead.Read(bytes.AsSpan(0, Math.Min(bytes.Length, ProgramHead.Size)));

    // A whole PE, by the base library's own writer.
    private static byte[] Pe(Coff machine, CorFlags flags)
    {
        var metadata = new MetadataBuilder();
        metadata.AddModule(0, metadata.GetOrAddString("sample"), metadata.GetOrAddGuid(Guid.Empty), default, default);
        metadata.AddAssembly(metadata.GetOrAddString("sample"), new Version(1, 0), default, default, default, AssemblyHashAlgorithm.Sha1);
        metadata.AddTypeDefinition(TypeAttributes.NotPublic, default, metadata.GetOrAddString("<Module>"), default, MetadataTokens.FieldDefinitionHandle(1), MetadataTokens.MethodDefinitionHandle(1));
        var builder = new ManagedPEBuilder(new PEHeaderBuilder(machine), new MetadataRootBuilder(metadata), new BlobBuilder(), flags: flags);
        var blob = new BlobBuilder();
        builder.Serialize(blob);
        return blob.ToArray();
    }
}
