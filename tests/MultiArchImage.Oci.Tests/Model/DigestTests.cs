using System.Text;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Tests.Model;

public sealed class DigestTests
{
    private const string EmptyHash = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Fact]
    public void The_digest_of_nothing_is_the_known_one() => Assert.Equal(EmptyHash, Digest.Of([]).ToString());

    [Fact]
    public void A_digest_prints_as_it_was_read() => Assert.Equal(EmptyHash, Digest.Parse(EmptyHash).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("sha256")]
    [InlineData("sha256:")]
    [InlineData("sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    [InlineData("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8")]
    [InlineData("md5:d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("sha256:../../../../etc/passwd/b92427ae41e4649b934ca495991b7852b855aaaaa")]
    public void What_is_no_digest_is_refused(string text)
    {
        Assert.False(Digest.TryParse(text, out _));
        Assert.Throws<FormatException>(() => Digest.Parse(text));
    }

    [Fact]
    public void A_digest_matches_its_content_and_no_other()
    {
        var content = Encoding.UTF8.GetBytes("content");
        var sha512 = Digest.FromHash("sha512", System.Security.Cryptography.SHA512.HashData(content));
        Assert.True(Digest.Of(content).Matches(content));
        Assert.True(sha512.Matches(content));
        Assert.False(sha512.Matches([1]));
    }
}
