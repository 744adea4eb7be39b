using System.Globalization;

namespace MultiArchImage.Host;

/// <summary>
/// The invariant culture, which says of itself that it is English. Without ICU there is no other, and the engine breaks lines between words only
/// in languages that it knows, and else wherever the line is full.
/// </summary>
internal sealed class EnglishCulture() : CultureInfo("", useUserOverride: false)
{
    /// <inheritdoc/>
    public override string TwoLetterISOLanguageName => "en";
}
