using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Tests.Naming;

public sealed class ReferencePatternTests
{
    [Theory]
    [InlineData("akraino/validation:k8s-*", "akraino/validation:k8s-arm64-latest", true)]
    [InlineData("akraino/validation:k8s-*", "akraino/validation:os-latest", false)]
    [InlineData("akraino/*", "akraino/validation:k8s-latest", true)]
    [InlineData("akraino/*:latest", "akraino/validation:k8s-latest", false)]
    [InlineData("akraino/validation", "akraino/validation:anything", true)]
    [InlineData("busy*", "busybox:1", true)]
    [InlineData("*", "127.0.0.1:5000/a:1", false)]
    [InlineData("127.0.0.1:5000/*:*", "127.0.0.1:5000/a/b:1", true)]
    [InlineData("r/i:v[12]", "r/i:v2", true)]
    [InlineData("r/i:v[12]", "r/i:v3", false)]
    [InlineData("r/i:v?", "r/i:v10", false)]
    [InlineData("r/i:v1.*", "r/i:v1x0", false)]
    public void Patterns_match_as_in_PowerShell(string pattern, string reference, bool matches) =>
        Assert.Equal(matches, ReferencePattern.Parse(pattern).IsMatch(ImageReference.Parse(reference)));

    [Fact]
    public void A_name_with_a_tag_is_exact()
    {
        Assert.Equal("r/i:1", ReferencePattern.Parse("r/i:1").Exact!.ToString());
        Assert.Null(ReferencePattern.Parse("r/i").Exact);
        Assert.Equal("r/i:latest", ReferencePattern.Parse("r/i").ExactOrLatest!.ToString());
        Assert.Null(ReferencePattern.Parse("r/i:*").ExactOrLatest);
    }

    [Fact]
    public void A_path_is_mapped_and_the_tag_kept()
    {
        var pattern = ReferencePattern.Parse("oci:layout:k8s-*", path => $"/srv/{path}");
        Assert.Equal("oci:/srv/layout", pattern.Place!.ToString());
        Assert.True(pattern.IsTagMatch("k8s-arm64-latest"));
    }

    [Theory]
    [InlineData("oci:/srv/build[ab]:1", "oci:/srv/build[ab]:1", true)]
    [InlineData("oci:/srv/build[ab]:*", "oci:/srv/build[ab]:1", true)]
    [InlineData("oci:/srv/build[ab]:*", "oci:/srv/builda:1", false)]
    public void Brackets_in_a_path_are_brackets(string pattern, string reference, bool matches) =>
        Assert.Equal(matches, ReferencePattern.Parse(pattern).IsMatch(ImageReference.Parse(reference)));

    [Theory]
    [InlineData("UPPER/*")]
    [InlineData("a::*")]
    public void A_pattern_of_no_reference_is_refused(string pattern) => Assert.Throws<InvalidReferenceException>(() => ReferencePattern.Parse(pattern));
}
