using MultiArchImage.Building.Mirrors;
using MultiArchImage.Oci.Registry.Mirrors;
using MultiArchImage.Testbed;

namespace MultiArchImage.Building.Tests.Mirrors;

public sealed class RegistriesConfTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Mirrors_are_read_in_their_order()
    {
        var mirrors = RegistriesConf.Read(_folder.Write("registries.conf", """
            unqualified-search-registries = ["docker.io"]
            [[registry]]
            prefix = "docker.io/library"
            location = "docker.io/library"
            [[registry.mirror]]
            location = "10.0.0.1:5000/hub"
            insecure = true
            [[registry.mirror]]
            location = "mirror.example.com"
            pull-from-mirror = "digest-only"
            [[registry]]
            location = "registry.example.com"
            mirror-by-digest-only = true
            [[registry.mirror]]
            location = "mirror.example.com/team/"
            """));
        Assert.Equal(
            [
                new RegistryMirror("docker.io/library", "10.0.0.1:5000", "hub") { PlainHttp = true },
                new RegistryMirror("docker.io/library", "mirror.example.com") { HasTags = false },
                new RegistryMirror("registry.example.com", "mirror.example.com", "team") { HasTags = false },
            ],
            mirrors);
    }

    [Theory]
    [InlineData("[[registry", "cannot be read")]
    [InlineData("[[registry]]\n[[registry.mirror]]\nlocation = 'a'", "without a location")]
    [InlineData("[[registry]]\nlocation = 'a'\n[[registry.mirror]]\n", "without a location")]
    public void A_damaged_file_is_named(string text, string problem)
    {
        var file = _folder.Write("registries.conf", text);
        var failure = Assert.Throws<MirrorSettingsException>(() => RegistriesConf.Read(file));
        Assert.StartsWith(file, failure.Message, StringComparison.Ordinal);
        Assert.Contains(problem, failure.Message);
    }
}
