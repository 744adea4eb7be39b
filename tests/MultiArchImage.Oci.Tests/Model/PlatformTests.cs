using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Tests.Model;

public sealed class PlatformTests
{
    [Theory]
    [InlineData("linux/amd64", "linux/amd64")]
    [InlineData("linux/arm64/v8", "linux/arm64/v8")]
    [InlineData("linux/arm/v7", "linux/arm/v7")]
    [InlineData("Linux/x86_64", "linux/amd64")]
    [InlineData("aarch64", "linux/arm64")]
    [InlineData("armhf", "linux/arm/v7")]
    [InlineData("windows(10.0.17763.1432)/amd64", "windows(10.0.17763.1432)/amd64")]
    [InlineData("windows(10.0.17763.1432+win32k)/amd64", "windows(10.0.17763.1432+win32k)/amd64")]
    [InlineData("windows(+win32k)/amd64", "windows(+win32k)/amd64")]
    public void Platforms_are_read_and_written(string text, string written)
    {
        var platform = Platform.Parse(text);
        Assert.Equal(written, platform.ToString());
        Assert.Equal(platform, Platform.Parse(written));
    }

    [Theory]
    [InlineData("")]
    [InlineData("linux")]
    [InlineData("linux/")]
    [InlineData("linux/arm/v7/extra")]
    [InlineData("linux/arm 64")]
    [InlineData("/amd64")]
    public void What_is_no_platform_is_refused(string text) => Assert.False(Platform.TryParse(text, out _));

    [Theory]
    [InlineData("linux/arm64", "linux/arm64/v8", true)]
    [InlineData("linux/arm", "linux/arm/v7", true)]
    [InlineData("linux/arm/v6", "linux/arm/v7", false)]
    [InlineData("linux/amd64", "linux/amd64/v1", true)]
    [InlineData("linux/amd64", "linux/amd64/v3", false)]
    [InlineData("linux/amd64", "windows/amd64", false)]
    [InlineData("windows(10.0.17763.1)/amd64", "windows(10.0.17763.9)/amd64", true)]
    [InlineData("windows(10.0.17763.1)/amd64", "windows(10.0.20348.1)/amd64", false)]
    [InlineData("windows(10.0.17763.1)/amd64", "windows/amd64", true)]
    public void A_machine_is_the_same_however_it_is_written(string left, string right, bool same)
    {
        Assert.Equal(same, Platform.Parse(left).IsSameMachineAs(Platform.Parse(right)));
        Assert.Equal(same, Platform.Parse(right).IsSameMachineAs(Platform.Parse(left)));
    }

    [Theory]
    [InlineData("linux/arm64/v8", "linux/arm64", true)]
    [InlineData("linux/arm/v6", "linux/arm", true)]
    [InlineData("linux/arm/v6", "linux/arm/v7", false)]
    [InlineData("windows/amd64", "linux/amd64", false)]
    [InlineData("windows(10.0.17763.1)/amd64", "windows(10.0.20348.1)/amd64", false)]
    public void An_index_may_state_a_variant_that_the_config_leaves_out(string stated, string config, bool isTrue) =>
        Assert.Equal(isTrue, Platform.Parse(stated).IsTrueOf(Platform.Parse(config)));

    [Theory]
    [InlineData("linux/amd64", "amd64")]
    [InlineData("linux/arm64/v8", "arm64")]
    [InlineData("linux/arm/v7", "armv7")]
    [InlineData("linux/arm/v6", "armv6")]
    [InlineData("linux/arm", "arm")]
    [InlineData("linux/amd64/v3", "amd64v3")]
    public void A_platform_has_a_word_for_tags(string platform, string word) => Assert.Equal(word, Architectures.TagWord(Platform.Parse(platform)));
}
