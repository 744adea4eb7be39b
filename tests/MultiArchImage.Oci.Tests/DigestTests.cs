using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Tests;

public sealed class DigestTests
{
    [Fact]
    public void A_digest_prints_as_it_was_read()
    {
        var text = "sha256:" + new string('a', 64);
        Assert.Equal(text, Digest.Parse(text).ToString());
    }
}
