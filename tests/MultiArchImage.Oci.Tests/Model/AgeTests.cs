using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Tests.Model;

public sealed class AgeTests
{
    [Theory]
    [InlineData("-00:00:05", "just now")]
    [InlineData("00:00:59", "just now")]
    [InlineData("00:01:59", "1 minute ago")]
    [InlineData("00:59:00", "59 minutes ago")]
    [InlineData("01:59:00", "119 minutes ago")]
    [InlineData("1.23:00:00", "47 hours ago")]
    [InlineData("13.00:00:00", "13 days ago")]
    [InlineData("60.00:00:00", "8 weeks ago")]
    [InlineData("400.00:00:00", "13 months ago")]
    [InlineData("20000.00:00:00", "54 years ago")]
    public void An_age_is_told_in_one_unit(string passed, string age) =>
        Assert.Equal(age, Age.Format(TimeSpan.Parse(passed, System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public void No_time_has_no_age() => Assert.Equal("", Age.Format(null));
}
