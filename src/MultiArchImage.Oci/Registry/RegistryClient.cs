using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Registry.Http;
using MultiArchImage.Oci.Registry.Uploads;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Registry;

/// <summary>
/// Speaks to registries (OCI distribution specification 1.1) as one user of this process: a chain of small links over the process's shared
/// connections.
/// </summary>
public sealed class RegistryClient
{
    private const string ApiVersionHeader = "Docker-Distribution-Api-Version";

    private readonly RegistryOptions _options;
    private readonly Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> _send;
    private readonly IActivitySink _sink;
    private readonly ConcurrentDictionary<string, PullAllowance> _allowances = new(StringComparer.Ordinal);

    /// <param name="options">How registries are spoken to.</param>
    /// <param name="credentials">Who one is there.</param>
    /// <param name="sink">Told of each request.</param>
    /// <param name="time">The clock that waits; null for the system's.</param>
    /// <param name="random">The chance in waits; null for the process's.</param>
    public RegistryClient(
        RegistryOptions options, CredentialResolver credentials, IActivitySink sink, TimeProvider? time = null, Random? random = null)
    {
        (_options, _sink) = (options, sink);
        Locations = new BlobLocations(options.BlobLocations, sink.Verbose);
        Time = time ??= TimeProvider.System;
        Departures = new Departures(time);
        var wire = new TimeoutHandler(options.Timeout) { InnerHandler = new LogHandler(sink) { InnerHandler = new SharedConnections(options.Certificates) } };
        var realm = new TokenRealm(new HttpMessageInvoker(Retry(wire), disposeHandler: false), time, options);
        var answers = new PullCountHandler(_allowances) { InnerHandler = new RedirectHandler { InnerHandler = wire } };
        var chain = Retry(new AuthenticateHandler(credentials, new TokenSource(realm, time), Api) { InnerHandler = answers });
        // Nothing of the chain holds anything but the process's connections, which are not this client's to close.
        var reads = new MirrorHandler(options.Mirrors, options, Api, sink) { InnerHandler = chain };
        _send = new HttpMessageInvoker(new ThrottleHandler(options.ThrottleLimit) { InnerHandler = reads }, disposeHandler: false).SendAsync;

        RetryHandler Retry(HttpMessageHandler inner) => new(options.MaximumRetryCount, time, random ?? Random.Shared, sink)
        {
            InnerHandler = new DocumentHandler(options.Timeout) { InnerHandler = inner },
        };
    }

    /// <summary>The repository that a reference names.</summary>
    public RegistryStore Open(ImageReference place) => new(this, place.Place);

    /// <summary>The repositories of a registry, as far as it tells (Docker Registry HTTP API V2: Catalog).</summary>
    /// <exception cref="RepositoriesNotListedException">It tells none: Docker Hub, and registries without that list.</exception>
    public async IAsyncEnumerable<string> ListRepositoriesAsync(string registry, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (registry == ImageReference.DockerHub)
            throw new RepositoriesNotListedException(registry) { Subject = registry };
        var context = new RegistryRequest(registry, null, ["registry:catalog:*"]);
        var list = new NameList(this, context, new Uri(Api(registry), "_catalog"), NamePage.OfRepositories, $"{registry}'s list of repositories");
        await using var repositories = list.ReadAsync(cancel).GetAsyncEnumerator(cancel);
        while (await MoveNextAsync().ConfigureAwait(false))
            yield return repositories.Current;

        async ValueTask<bool> MoveNextAsync()
        {
            try
            {
                return await repositories.MoveNextAsync().ConfigureAwait(false);
            }
            catch (RegistryErrorException e) when (e.Status is 400 or 404 or 405 or 501)
            {
                throw new RepositoriesNotListedException(registry, e) { Subject = registry };
            }
        }
    }

    /// <summary>Asks whether a registry lets the resolver's credential in: the failure says why not.</summary>
    /// <returns>The API that it says it has (<c>Docker-Distribution-Api-Version</c>); null where it says none.</returns>
    /// <exception cref="RegistryUnauthorizedException">It does not.</exception>
    /// <exception cref="RegistryUnreachableException">Nothing answers.</exception>
    public async Task<string?> VerifyAsync(string registry, CancellationToken cancel)
    {
        using var response = await PingAsync(new RegistryRequest(registry, null, []), cancel).ConfigureAwait(false);
        return response.Headers.TryGetValues(ApiVersionHeader, out var versions) ? versions.First() : null;
    }

    /// <summary>Asks whether a login is right, with no token of an earlier one.</summary>
    /// <param name="registry">Host and port, as in references.</param>
    /// <param name="login">The login; it is what the resolver gives, too.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>What to keep of it: the identity token that the registry's token server gave instead of the password, as <c>docker login</c> does, or the login.</returns>
    /// <exception cref="RegistryUnauthorizedException">It is not.</exception>
    /// <exception cref="RegistryUnreachableException">Nothing answers.</exception>
    public async Task<RegistryCredential> LogInAsync(string registry, RegistryCredential login, CancellationToken cancel)
    {
        var request = new RegistryRequest(registry, null, []) { IsLogin = true };
        using var response = await PingAsync(request, cancel).ConfigureAwait(false);
        return AuthenticateHandler.Challenges.Of(Api(registry).GetLeftPart(UriPartial.Authority)) is { IsBearer: true } challenge
            && TokenSource.RefreshToken(challenge, login) is { } identity
            ? new RegistryCredential(login.UserName, identity, IsIdentityToken: true)
            : login;
    }

    /// <summary>What a registry said last of how many manifests may still be read from it; null for nothing.</summary>
    internal PullAllowance? Allowance(string registry) => _allowances.GetValueOrDefault(registry);

    /// <summary>Which repositories have which blobs.</summary>
    internal BlobLocations Locations { get; }

    /// <summary>Who may bring a blob to a registry.</summary>
    internal Turns Turns { get; } = new();

    /// <summary>When a blob may set out for a registry.</summary>
    internal Departures Departures { get; }

    /// <summary>How long to wait for an answer, or for the next bytes of a body.</summary>
    internal TimeSpan Timeout => _options.Timeout;

    /// <summary>The clock that waits.</summary>
    internal TimeProvider Time { get; }

    /// <summary>How often something is tried again.</summary>
    internal int MaximumRetryCount => _options.MaximumRetryCount;

    /// <summary>Tells what is done, for <c>-Verbose</c>.</summary>
    internal void Tell(string line) => _sink.Verbose(line);

    /// <summary>Waits for bytes of a body no longer than <see cref="Timeout"/>.</summary>
    /// <exception cref="TimeoutException">They did not come.</exception>
    internal async ValueTask<int> WithinAsync(ValueTask<int> read, CancellationToken cancel) =>
        read.IsCompletedSuccessfully ? read.Result : await read.AsTask().WaitAsync(Timeout, cancel).ConfigureAwait(false);

    /// <summary>The root of a registry's API.</summary>
    internal Uri Api(string registry) => RegistryName.Api(registry, _options.PlainHttp || IsPlainHere(registry) || _options.Mirrors.IsPlain(registry));

    /// <summary>What a token for a repository must allow.</summary>
    internal string Scope(string repository, bool push) => $"repository:{repository}:{(push || _options.WillPush ? "pull,push" : "pull")}";

    /// <summary>Sends a request; what keeps an answer from coming is a failure of this module's.</summary>
    internal async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        try
        {
            return await _send(request, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException)
        {
            throw RegistryFailure.Of(e, request, _options.Timeout);
        }
    }

    private async Task<HttpResponseMessage> PingAsync(RegistryRequest context, CancellationToken cancel)
    {
        var request = context.Message(HttpMethod.Get, Api(context.Registry));
        var response = await SendAsync(request, cancel).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw await RegistryFailure.OfAsync(response, request, cancel).ConfigureAwait(false);
    }

    // On this machine nobody listens in. Who has put certificates there for it wants TLS all the same.
    private bool IsPlainHere(string registry) => RegistryName.IsLoopback(registry) && _options.Certificates.Find(registry) is null;
}
