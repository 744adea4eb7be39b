namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>A token that a registry's token server gave.</summary>
/// <param name="Text">The token; a secret.</param>
/// <param name="Expires">When it runs out.</param>
internal sealed record BearerToken(string Text, DateTimeOffset Expires)
{
    /// <summary>That it is a token, and never which.</summary>
    public override string ToString() => $"token until {Expires:u}";
}
