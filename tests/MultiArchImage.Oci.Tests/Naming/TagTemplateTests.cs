using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Tests.Naming;

public sealed class TagTemplateTests
{
    [Theory]
    [InlineData("r/i", "k8s-{arch}-latest", "r/i:k8s-arm64-latest", "r/i:k8s-latest")]
    [InlineData("r/i", "{arch}-latest", "r/i:arm64-latest", "r/i:latest")]
    [InlineData("r/i", "1.0-{arch}", "r/i:1.0-arm64", "r/i:1.0")]
    [InlineData("r/i-{arch}", "1.0", "r/i-arm64:1.0", "r/i:1.0")]
    [InlineData("{arch}/busybox", "1.0", "arm64/busybox:1.0", "busybox:1.0")]
    [InlineData("r/i", "k8s-latest", "r/i:k8s-arm64-latest", "r/i:k8s-latest")]
    [InlineData("r/i", "latest", "r/i:arm64-latest", "r/i:latest")]
    [InlineData("oci:/srv/x", "a_{arch}_b", "oci:/srv/x:a_arm64_b", "oci:/srv/x:a_b")]
    public void A_template_names_the_images_and_the_fat_manifest(string place, string tag, string image, string shortName)
    {
        var template = TagTemplate.For(place, tag);
        Assert.Equal(image, template.For(Platform.Parse("linux/arm64")).ToString());
        Assert.Equal(shortName, template.ShortName.ToString());
    }

    [Theory]
    [InlineData("r/i:latest")]
    [InlineData("r/i:{arch}-{arch}")]
    [InlineData("r/I:{arch}")]
    public void A_template_has_the_mark_once_in_a_good_name(string text) => Assert.Throws<InvalidReferenceException>(() => TagTemplate.Parse(text));

    [Fact]
    public void A_template_that_is_nothing_but_the_architecture_has_no_short_name() =>
        Assert.Throws<NameUnderivableException>(() => TagTemplate.Parse("r/i:{arch}").ShortName);

    [Fact]
    public void A_template_knows_its_images()
    {
        var template = TagTemplate.Parse("r/i:k8s-{arch}-latest");
        Assert.True(template.IsMatch(ImageReference.Parse("r/i:k8s-s390x-latest")));
        Assert.False(template.IsMatch(ImageReference.Parse("r/i:k8s-latest")));
        Assert.False(template.IsMatch(ImageReference.Parse("r/i:k8s-other-latest")));
    }

    [Theory]
    [InlineData("r/i:k8s-arm64-latest", "linux/arm64", "r/i:k8s-latest")]
    [InlineData("r/i:k8s-aarch64-latest", "linux/arm64/v8", "r/i:k8s-latest")]
    [InlineData("r/i:arm64-latest", "linux/arm64", "r/i:latest")]
    [InlineData("r/i:1.0-x86_64", "linux/amd64", "r/i:1.0")]
    [InlineData("r/i:1.0-armv7", "linux/arm/v7", "r/i:1.0")]
    [InlineData("r/i:1.0-arm-v6", "linux/arm/v6", "r/i:1.0")]
    [InlineData("r/i:riscv64-tools-amd64", "linux/amd64", "r/i:riscv64-tools")]
    [InlineData("r/i-arm64:1.0", "linux/arm64", "r/i:1.0")]
    [InlineData("oci:/srv/arm64/x:k8s-arm64-latest", "linux/arm64", "oci:/srv/arm64/x:k8s-latest")]
    public void The_way_back_finds_the_architecture(string image, string platform, string shortName) =>
        Assert.Equal(shortName, ArchitectureMark.ShortName(ImageReference.Parse(image), Platform.Parse(platform)).ToString());

    [Theory]
    [InlineData("r/i:k8s-arm64-latest", "linux/amd64")]
    [InlineData("r/i:1.0-armv6", "linux/arm/v7")]
    public void A_name_that_lies_is_an_error(string image, string platform) =>
        Assert.Throws<PlatformMismatchException>(() => ArchitectureMark.ShortName(ImageReference.Parse(image), Platform.Parse(platform)));

    [Theory]
    [InlineData("r/i:latest")]
    [InlineData("r/i:charm64-x")]
    [InlineData("r/i:amd64")]
    public void A_name_without_architecture_asks_for_a_name(string image)
    {
        var failure = Assert.Throws<NameUnderivableException>(() => ArchitectureMark.ShortName(ImageReference.Parse(image), Platform.Parse("linux/amd64")));
        Assert.Contains("-Name", failure.Message);
    }
}
