using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Testbed;

namespace MultiArchImage.Oci.Tests.Registry;

public sealed class MavenSettingsTests : IDisposable
{
    private const string Servers = """
        <?xml version="1.0"?>
        <settings xmlns="http://maven.apache.org/SETTINGS/1.0.0">
          <servers>
            <server><id>nexus.example.org:10003</id><username>docker</username><password>pa:ss&amp;&lt;word</password></server>
            <server><id>nexus.example.org:10003-old</id><username>other</username><password>x</password></server>
            <server><id>docker.io/akraino</id><username>hub</username><password>y</password></server>
            <server><id>twice-a</id><username>a</username><password>a</password></server>
            <server><id>twice-b</id><username>b</username><password>b</password></server>
            <server><id>encrypted</id><username>c</username><password>{COQLCE6DU6GtcS5P=}</password></server>
            <server><id>empty</id><username>d</username><password></password></server>
          </servers>
        </settings>
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("nexus.example.org:10003", "docker", "pa:ss&<word")]
    [InlineData("docker.io", "hub", "y")]
    public async Task A_server_is_found_by_its_id_or_by_what_begins_with_it(string server, string user, string password) =>
        Assert.Equal(new RegistryCredential(user, password), await FindAsync(Servers, server));

    [Theory]
    [InlineData("gone", "it has no server 'gone'; it has 'nexus.example.org:10003'")]
    [InlineData("twice", "several of its servers begin with 'twice': 'twice-a', 'twice-b'")]
    [InlineData("encrypted", "is encrypted")]
    [InlineData("empty", "has no username or no password")]
    public async Task A_server_that_gives_no_credential_is_an_error_that_says_why(string server, string reason) =>
        Assert.Contains(reason, (await Assert.ThrowsAsync<CredentialStoreException>(() => FindAsync(Servers, server))).Message);

    [Theory]
    [InlineData("")]
    [InlineData("<settings><servers><server><password>secret</servers>")]
    [InlineData("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><settings>&e;</settings>")]
    public async Task What_is_no_settings_file_is_an_error_that_quotes_nothing_of_it(string content)
    {
        var failure = await Assert.ThrowsAsync<CredentialStoreException>(() => FindAsync(content, "a"));
        Assert.Contains("is not XML of a settings file", failure.Message);
        Assert.DoesNotContain("secret", failure.ToString());
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_an_error() =>
        Assert.Contains("it cannot be read", (await Assert.ThrowsAsync<CredentialStoreException>(
            () => new MavenSettings(_folder["gone.xml"]).FindAsync("a", CancellationToken.None))).Message);

    private Task<RegistryCredential> FindAsync(string content, string server) =>
        new MavenSettings(_folder.Write("settings.xml", content)).FindAsync(server, CancellationToken.None);
}
