namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>The tokens that one token server gave to one user of this process.</summary>
internal sealed class TokenShelf
{
    private readonly object _gate = new();
    private readonly List<(TokenScopes Scopes, Task<BearerToken> Token)> _tokens = [];

    /// <summary>The identity token that came with one of them, to get more without the password; null where none did. A secret.</summary>
    public string? RefreshToken { get; set; }

    /// <summary>A token that allows what is needed: one that is here or under way, which requests that need the same share, or a new one.</summary>
    /// <param name="scopes">What it must allow.</param>
    /// <param name="rejected">A token that a registry did not take; null where none was shown.</param>
    /// <param name="now">The time.</param>
    /// <param name="fetch">Gets a new one.</param>
    public Task<BearerToken> Take(TokenScopes scopes, string? rejected, DateTimeOffset now, Func<Task<BearerToken>> fetch)
    {
        lock (_gate)
        {
            _tokens.RemoveAll(token => IsUseless(token.Token, rejected, now));
            if (_tokens.Find(token => token.Scopes.Covers(scopes)) is { Token: { } known })
                return known;
            var fetched = Task.Run(fetch);
            _tokens.Add((scopes, fetched));
            return fetched;
        }
    }

    // A failure is not kept: the next request tries anew.
    private static bool IsUseless(Task<BearerToken> token, string? rejected, DateTimeOffset now) =>
        token.IsCompleted && (!token.IsCompletedSuccessfully || token.Result.IsOver(now) || token.Result.Text == rejected);
}
