using MultiArchImage.Building.Layers;
using ZstdSharp;

namespace MultiArchImage.Building.Tests.Layers;

/// <summary>What zstd packed, and what only looks as if.</summary>
public sealed class ZstdStreamTests
{
    // RFC 8878, 3.1.2: four bytes that say what it is, four for the length, and what nobody reads.
    private static readonly byte[] Skippable = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];

    // RFC 8878, 3.1.1: the magic number, no flags, and a window of 2 to the power of 31 bytes.
    private static readonly byte[] HugeWindow = [0x28, 0xb5, 0x2f, 0xfd, 0, 21 << 3, 1, 0, 0];

    private static readonly byte[] Text = [.. Enumerable.Range(0, 300_000).Select(number => (byte)(number * number / 7))];

    [Fact]
    public async Task What_was_packed_comes_out()
    {
        Assert.Equal(Text, await UnpackAsync(Pack(Text)));
    }

    [Fact]
    public async Task Frames_follow_each_other_and_some_are_passed_over()
    {
        Assert.Equal([.. Text, 1, 2], await UnpackAsync([.. Skippable, .. Pack(Text), .. Skippable, .. Pack([1, 2]), .. Skippable]));
    }

    [Fact]
    public async Task The_packed_bytes_stay_open()
    {
        using var packed = new MemoryStream(Pack(Text));
        await using (new ZstdStream(packed))
        {
        }
        Assert.True(packed.CanRead);
    }

    [Fact]
    public async Task An_early_end_is_one()
    {
        await Assert.ThrowsAsync<EndOfStreamException>(() => UnpackAsync(Pack(Text)[..^10]));
    }

    [Fact]
    public async Task Other_bytes_are_refused()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => UnpackAsync(Text));
    }

    [Fact]
    public async Task Damaged_bytes_are_refused()
    {
        var packed = Pack(Text);
        packed[packed.Length / 2] ^= 0xff;
        await Assert.ThrowsAsync<InvalidDataException>(() => UnpackAsync(packed));
    }

    [Fact]
    public async Task A_frame_that_wants_all_memory_is_refused()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => UnpackAsync(HugeWindow));
    }

    private static byte[] Pack(byte[] content)
    {
        using var compressor = new Compressor();
        compressor.SetParameter(ZstdSharp.Unsafe.ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        return compressor.Wrap(content).ToArray();
    }

    private static async Task<byte[]> UnpackAsync(byte[] packed)
    {
        await using var stream = new ZstdStream(new MemoryStream(packed));
        using var content = new MemoryStream();
        await stream.CopyToAsync(content, TestContext.Current.CancellationToken);
        return content.ToArray();
    }
}
