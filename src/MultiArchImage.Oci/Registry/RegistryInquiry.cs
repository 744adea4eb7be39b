using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Serving;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Registry;

/// <summary>Finds out what can be known of a registry without its images: whether it answers, who one is, and what may still be pulled.</summary>
/// <param name="client">Asks.</param>
/// <param name="credentials">Who one is.</param>
public sealed class RegistryInquiry(RegistryClient client, CredentialResolver credentials)
{
    // The image that Docker Hub has for this question. A HEAD of it is answered with the limit, and does not count as a pull.
    private static readonly ImageReference PullPreview = ImageReference.Parse("docker.io/ratelimitpreview/test:latest");

    /// <summary>Asks a registry. One that does not answer, or lets nobody in, is told of and is no failure.</summary>
    /// <param name="registry">Host and port, as in references.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="CredentialStoreException">A stored credential cannot be read.</exception>
    public async Task<ArchRegistry> AskAsync(string registry, CancellationToken cancel)
    {
        var (user, storedIn) = await credentials.DescribeAsync(registry, cancel).ConfigureAwait(false);
        var known = (LocalRegistries.Find(registry) ?? new ArchRegistry { Registry = registry, Uri = client.Api(registry) }) with { UserName = user, StoredIn = storedIn };
        try
        {
            var version = await client.VerifyAsync(registry, cancel).ConfigureAwait(false);
            var pulls = await PullsAsync(registry, cancel).ConfigureAwait(false);
            return known with
            {
                IsReachable = true,
                IsAuthorized = true,
                ApiVersion = version,
                PullLimit = pulls?.Limit,
                PullsLeft = pulls?.Remaining,
                PullWindow = pulls?.Window,
            };
        }
        catch (ImageException e) when (e is not CredentialStoreException)
        {
            var isReachable = e is not (RegistryUnreachableException or RegistryTimeoutException or PlainHttpRefusedException);
            return known with { IsReachable = isReachable, IsAuthorized = isReachable ? false : null, Problem = e.Message };
        }
    }

    // Others say it with any answer, where they count at all.
    private async Task<PullAllowance?> PullsAsync(string registry, CancellationToken cancel)
    {
        if (registry == ImageReference.DockerHub)
            await client.Open(PullPreview).ResolveAsync(PullPreview.Tag!, cancel).ConfigureAwait(false);
        return client.Allowance(registry);
    }
}
