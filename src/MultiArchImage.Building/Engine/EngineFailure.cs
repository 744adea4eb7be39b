using System.Text;
using Docker.DotNet;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Building.Engine;

/// <summary>
/// What the engine says of a registry, as the failures of this module. The engine passes the registry's error on as a sentence; the words here
/// are those of distribution-spec (Error Codes), of Go's network packages and of the engine itself.
/// </summary>
internal static class EngineFailure
{
    // No numbers of statuses: the sentence has ports and digests too.
    private static readonly string[] Unauthorized = ["unauthorized", "no basic auth credentials", "authentication required"];
    private static readonly string[] Denied = ["denied", "forbidden"];
    private static readonly string[] Limited = ["toomanyrequests", "too many requests"];
    private static readonly string[] Missing = ["manifest unknown", "not found", "does not exist", "name unknown"];

    private static readonly string[] Unreachable =
        ["dial tcp", "connection refused", "no such host", "timeout", "tls:", "x509:", "http response to https client", "connection reset", ": eof"];

    /// <summary>The engine's own words for a refused request: <c>{"message":…}</c>.</summary>
    public static string MessageOf(DockerApiException failure)
    {
        try
        {
            return Json.ParseObject(Encoding.UTF8.GetBytes(failure.ResponseBody ?? ""), "answer").Text("message") ?? failure.Message;
        }
        catch (InvalidImageException)
        {
            return failure.Message;
        }
    }

    /// <summary>The failure that the engine's words mean.</summary>
    /// <param name="reference">The image at the registry.</param>
    /// <param name="verb"><c>push</c> or <c>pull</c>.</param>
    /// <param name="reason">The engine's words.</param>
    /// <param name="cause">What led here.</param>
    public static ImageException Of(ImageReference reference, string verb, string reason, Exception? cause = null)
    {
        var subject = $"{reference}";
        // Not at a registry: the engine has no such image to push.
        if (Has(reason, "does not exist locally"))
            return new ManifestNotFoundException(subject, "build or pull it first") { Subject = subject };
        if (Has(reason, Limited))
            return new RateLimitedException(reference.Registry, $"the {verb} of {reference}", reason) { Subject = subject };
        // Before 401 and 404: Docker Hub says "denied" of both what is not there and what one may not see.
        if (Has(reason, Denied))
            return new RegistryDeniedException(reference.Registry, reference.Repository, verb, reason) { Subject = subject };
        if (Has(reason, Unauthorized))
            return new RegistryUnauthorizedException(reference.Registry, reference.Repository, reason) { Subject = subject };
        if (Has(reason, Unreachable))
            return new RegistryUnreachableException(reference.Registry, reason, RemedyFor(reason), cause) { Subject = subject };
        return Has(reason, Missing)
            ? new ManifestNotFoundException(subject) { Subject = subject }
            : new EngineErrorException($"{verb} {reference}", reason, cause) { Subject = subject };
    }

    private static string RemedyFor(string reason) =>
        Has(reason, "http response to https client") ? "it speaks plain HTTP: add it to insecure-registries of the engine's daemon.json"
        : Has(reason, "x509:") ? "give the engine the registry's certificate authority (/etc/docker/certs.d)"
        : "the engine must reach it: check the name, and the engine's proxy and firewall";

    private static bool Has(string reason, params string[] words) => words.Any(word => reason.Contains(word, StringComparison.OrdinalIgnoreCase));
}
