using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Tests.Naming;

public sealed class ImageReferenceTests
{
    private const string Hash = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Theory]
    [InlineData("busybox", "docker.io", "library/busybox", null, "busybox")]
    [InlineData("akraino/validation", "docker.io", "akraino/validation", null, "akraino/validation")]
    [InlineData("docker.io/busybox:1", "docker.io", "library/busybox", "1", "busybox:1")]
    [InlineData("index.docker.io/akraino/validation:k8s-latest", "docker.io", "akraino/validation", "k8s-latest", "akraino/validation:k8s-latest")]
    [InlineData("localhost/a", "localhost", "a", null, "localhost/a")]
    [InlineData("127.0.0.1:5000/a/b:1.0", "127.0.0.1:5000", "a/b", "1.0", "127.0.0.1:5000/a/b:1.0")]
    [InlineData("[::1]:5000/a:1", "[::1]:5000", "a", "1", "[::1]:5000/a:1")]
    [InlineData("docker.io/example.com/team/app:1", "docker.io", "example.com/team/app", "1", "docker.io/example.com/team/app:1")]
    [InlineData("docker.io/library/team/app", "docker.io", "library/team/app", null, "library/team/app")]
    [InlineData("INDEX.Docker.io/busybox", "docker.io", "library/busybox", null, "busybox")]
    [InlineData("Registry.Example.com/a", "registry.example.com", "a", null, "registry.example.com/a")]
    public void Names_follow_Dockers_rules(string text, string registry, string repository, string? tag, string written)
    {
        var reference = ImageReference.Parse(text);
        Assert.Equal((registry, repository, tag), (reference.Registry, reference.Repository, reference.Tag));
        Assert.Equal(written, reference.ToString());
        Assert.Equal(reference, ImageReference.Parse(written));
        Assert.Equal(reference, ImageReference.Parse(reference.FullName));
    }

    [Theory]
    [InlineData("oci:layout", "layout", null)]
    [InlineData("oci:/srv/layout:k8s-latest", "/srv/layout", "k8s-latest")]
    [InlineData(@"oci:C:\images\layout:1.0", @"C:\images\layout", "1.0")]
    [InlineData(@"oci:C:\images", @"C:\images", null)]
    [InlineData("oci:C:/images", "C:/images", null)]
    [InlineData("oci:./with space/Ünïcode:x", "./with space/Ünïcode", "x")]
    public void Layouts_have_paths(string text, string path, string? tag)
    {
        var reference = ImageReference.Parse(text);
        Assert.Equal((ReferenceKind.OciLayout, path, tag), (reference.Kind, reference.Path, reference.Tag));
        Assert.Equal(reference, ImageReference.Parse(reference.ToString()));
    }

    [Fact]
    public void A_digest_decides_over_a_tag()
    {
        var reference = ImageReference.Parse($"akraino/validation:k8s@{Hash}");
        Assert.Equal(("k8s", Hash, Hash), (reference.Tag, reference.Digest!.ToString(), reference.TagOrDigest));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("UPPER/case")]
    [InlineData("a:b:c")]
    [InlineData("a@sha256:12")]
    [InlineData("a/:tag")]
    [InlineData("a//b")]
    [InlineData("https://example.com/a")]
    [InlineData("a:-dash")]
    [InlineData("oci:")]
    [InlineData("host.example:99999999/a")]
    [InlineData("../etc/passwd")]
    public void What_is_no_reference_says_why_and_shows_the_right_form(string text)
    {
        Assert.False(ImageReference.TryParse(text, out _));
        var failure = Assert.Throws<InvalidReferenceException>(() => ImageReference.Parse(text));
        Assert.Contains("akraino/validation:k8s-latest", failure.Message);
        Assert.Equal("InvalidReference", failure.ErrorId);
    }
}
