using FsCheck;
using FsCheck.Fluent;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Tests.Naming;

/// <summary>What holds of every text: no parser throws what it does not promise, and what it read it reads again from what it prints.</summary>
public sealed class ParserPropertyTests
{
    // Texts that are nearly right find more than texts of chance.
    private static readonly Gen<string> Texts = Gen.OneOf(
        ArbMap.Default.GeneratorFor<string>().Select(text => text ?? ""),
        Gen.Elements(
            "docker.io", "localhost", "127.0.0.1:5000", "akraino", "validation", "k8s-amd64-latest", "latest", "oci:", "oci-archive:", "/", ":", "@", "-", ".", "..", "_",
            "{arch}", "*", "?", "[ab]", "arm64", "armv7", "linux", "windows(10.0.17763.1)", "v8", "C:\\", "sha256:", new string('a', 64), " ", "Ü", "\0").ListOf()
            .Select(string.Concat));

    // The same texts each time, so that a build does not fail by chance; another seed is another search.
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(20_000).WithReplay(4711UL, 4713UL);

    [Fact]
    public void A_reference_is_read_again_from_what_it_prints() => Check(text =>
        !ImageReference.TryParse(text, out var reference)
        || (ImageReference.Parse(reference.ToString()) == reference && ImageReference.Parse(reference.FullName) == reference));

    [Fact]
    public void A_platform_is_read_again_from_what_it_prints() => Check(text =>
        !Platform.TryParse(text, out var platform) || Platform.Parse(platform.ToString()) == platform);

    [Fact]
    public void A_digest_prints_as_it_was_read() => Check(text => !Digest.TryParse(text, out var digest) || digest.ToString() == text);

    [Fact]
    public void A_template_gives_names_that_it_knows_as_its_own() => Check(text =>
    {
        try
        {
            var template = TagTemplate.Parse(text);
            return template.IsMatch(template.For(Platform.Parse("linux/arm64")));
        }
        catch (InvalidReferenceException)
        {
            return true;
        }
    });

    [Fact]
    public void A_pattern_is_refused_or_read_and_matches_what_it_names() => Check(text =>
    {
        try
        {
            var pattern = ReferencePattern.Parse(text);
            return pattern.Exact is not { Digest: null } exact || pattern.IsMatch(exact);
        }
        catch (InvalidReferenceException)
        {
            return true;
        }
    });

    private static void Check(Func<string, bool> property) => Prop.ForAll(Texts.ToArbitrary(), property).Check(Many);
}
