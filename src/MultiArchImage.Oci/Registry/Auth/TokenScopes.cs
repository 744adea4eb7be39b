using System.Collections.Immutable;

namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>What a token allows: actions on resources (Docker's token specification: Resource Scope), <c>repository:NAME:pull,push</c> each.</summary>
internal sealed class TokenScopes
{
    // In the order they were asked for: token servers see it, and logs are read by people.
    private readonly ImmutableList<(string Resource, ImmutableHashSet<string> Actions)> _scopes;

    private TokenScopes(ImmutableList<(string Resource, ImmutableHashSet<string> Actions)> scopes) => _scopes = scopes;

    /// <summary>The scopes of texts; of one resource there is one.</summary>
    public static TokenScopes Of(IEnumerable<string> scopes) => scopes.Aggregate(new TokenScopes([]), (all, scope) => all.With(scope));

    /// <summary>These, and those of a challenge: with spaces between them.</summary>
    public TokenScopes With(Challenge challenge) =>
        (challenge.Scope ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Aggregate(this, (all, scope) => all.With(scope));

    /// <summary>Whether a token for these allows all that one for others does.</summary>
    public bool Covers(TokenScopes others) =>
        others._scopes.TrueForAll(other => _scopes.Exists(scope => scope.Resource == other.Resource && scope.Actions.IsSupersetOf(other.Actions)));

    /// <summary>A text for each resource, as a request for a token has it.</summary>
    public IEnumerable<string> Texts() =>
        _scopes.Select(scope => $"{scope.Resource}:{string.Join(',', scope.Actions.OrderBy(action => (Rank(action), action)))}");

    /// <summary>All of them, with spaces between.</summary>
    public override string ToString() => string.Join(' ', Texts());

    // A resource's type and name may hold colons, its actions do not.
    private TokenScopes With(string scope)
    {
        var colon = scope.LastIndexOf(':');
        if (colon < 0)
            return this;
        var (resource, actions) = (scope[..colon], scope[(colon + 1)..].Split(',').ToImmutableHashSet(StringComparer.Ordinal));
        var at = _scopes.FindIndex(known => known.Resource == resource);
        return new TokenScopes(at < 0 ? _scopes.Add((resource, actions)) : _scopes.SetItem(at, (resource, _scopes[at].Actions.Union(actions))));
    }

    // As everybody writes them: some token servers compare texts.
    private static int Rank(string action) => action switch { "pull" => 0, "push" => 1, _ => 2 };
}
