using System.Text;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Tests.Stores;

public sealed class VerifyingStreamTests
{
    private static readonly byte[] Content = Encoding.ASCII.GetBytes("layer");

    [Fact]
    public async Task The_right_content_is_read_whole()
    {
        await using var stream = Open(Content);
        var copy = new MemoryStream();
        await stream.CopyToAsync(copy, TestContext.Current.CancellationToken);
        Assert.Equal(Content, copy.ToArray());
        Assert.Equal(0, await stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("laye", "4 bytes instead of 5")]
    [InlineData("layers", "more than 5 bytes")]
    [InlineData("lazer", "sha256:")]
    public void Other_content_is_refused(string content, string reason)
    {
        using var stream = Open(Encoding.ASCII.GetBytes(content));
        var error = Assert.Throws<DigestMismatchException>(() => stream.CopyTo(Stream.Null));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private static VerifyingStream Open(byte[] content) =>
        new(new MemoryStream(content), new Descriptor(MediaTypes.OciLayerGzip, Digest.Of(Content), Content.Length), "the test");
}
