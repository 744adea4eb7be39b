using MultiArchImage.Building.Engine;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Building.Tests.Engine;

public sealed class EngineFailureTests
{
    [Theory]
    [InlineData("An image does not exist locally with the tag: r.example/app", typeof(ManifestNotFoundException))]
    [InlineData("no basic auth credentials", typeof(RegistryUnauthorizedException))]
    [InlineData("unauthorized: authentication required", typeof(RegistryUnauthorizedException))]
    [InlineData("denied: requested access to the resource is denied", typeof(RegistryDeniedException))]
    [InlineData("error parsing HTTP 403 response body: 403 Forbidden", typeof(RegistryDeniedException))]
    [InlineData("toomanyrequests: You have reached your pull rate limit.", typeof(RateLimitedException))]
    [InlineData("Get \"https://r.example/v2/\": dial tcp 10.0.0.1:40312: connect: connection refused", typeof(RegistryUnreachableException))]
    [InlineData("Get \"https://r.example/v2/\": http: server gave HTTP response to HTTPS client", typeof(RegistryUnreachableException))]
    [InlineData("Get \"https://r.example/v2/\": x509: certificate signed by unknown authority", typeof(RegistryUnreachableException))]
    [InlineData("Get \"https://r.example/v2/\": EOF", typeof(RegistryUnreachableException))]
    [InlineData("manifest for r.example/app:1 not found: manifest unknown: manifest unknown", typeof(ManifestNotFoundException))]
    [InlineData("write /var/lib/docker/tmp/x: no space left on device", typeof(EngineErrorException))]
    public void What_the_engine_says_becomes_the_failure_that_it_means(string reason, Type expected)
    {
        var failure = EngineFailure.Of(ImageReference.Parse("r.example/app:1"), "push", reason);
        Assert.IsType(expected, failure);
        Assert.Equal("r.example/app:1", failure.Subject);
    }

    [Theory]
    [InlineData("http: server gave HTTP response to HTTPS client", "insecure-registries")]
    [InlineData("x509: certificate signed by unknown authority", "certificate authority")]
    public void An_unreachable_registry_says_what_to_do(string reason, string remedy) =>
        Assert.Contains(remedy, EngineFailure.Of(ImageReference.Parse("r.example/app:1"), "pull", reason).Remedy);
}
