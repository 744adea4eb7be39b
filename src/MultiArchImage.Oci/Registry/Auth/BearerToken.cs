namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>A token that a registry's token server gave.</summary>
/// <param name="Text">The token; a secret.</param>
/// <param name="Expires">When it runs out.</param>
/// <param name="Lifetime">How long it lived when it was issued.</param>
internal sealed record BearerToken(string Text, DateTimeOffset Expires, TimeSpan Lifetime)
{
    // A request that starts now must still be let in when it arrives; of a token that lives for seconds a part is all there is to spare.
    private static readonly TimeSpan LongestMargin = TimeSpan.FromSeconds(10);
    private const int MarginPart = 4;

    /// <summary>Whether it may have run out when a request that starts at a time arrives.</summary>
    public bool IsOver(DateTimeOffset now)
    {
        var part = Lifetime / MarginPart;
        return Expires - (part < LongestMargin ? part : LongestMargin) <= now;
    }

    /// <summary>That it is a token, and never which.</summary>
    public override string ToString() => $"token until {Expires:u}";
}
