using MultiArchImage.Building.Engine;
using MultiArchImage.Testbed;

namespace MultiArchImage.Building.Tests.Engine;

public sealed class EngineContextTests : IDisposable
{
    private readonly TemporaryFolder _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public void Addresses_of_contexts_are_listed_and_broken_ones_left_out()
    {
        _home.Write(".docker/contexts/meta/1/meta.json", """{"Name":"ci","Endpoints":{"docker":{"Host":"tcp://ci.example.com:2376"}}}""");
        _home.Write(".docker/contexts/meta/2/meta.json", """{"Name":"arm","Endpoints":{"docker":{"Host":"ssh://arm.example.com"}}}""");
        _home.Write(".docker/contexts/meta/3/meta.json", "{");
        var environment = new EngineEnvironment(_home.Path, IsWindows: false, new Dictionary<string, string>());
        Assert.Equal(["ssh://arm.example.com", "tcp://ci.example.com:2376"], EngineContexts.ListAddresses(environment));
        Assert.Empty(EngineContexts.ListAddresses(environment with { Home = _home["nowhere"] }));
    }
}
