using System.Management.Automation.Host;

namespace MultiArchImage.Host;

/// <summary>One choice of a confirmation: <c>Yes to &amp;All</c> is shown as <c>[A] Yes to All</c> and chosen with <c>a</c> or the whole label.</summary>
internal sealed class ChoiceLabel
{
    private readonly string _label;

    internal ChoiceLabel(ChoiceDescription choice)
    {
        var hotKey = choice.Label.IndexOf('&', StringComparison.Ordinal) + 1;
        _label = choice.Label.Replace("&", "", StringComparison.Ordinal);
        Key = hotKey > 0 && hotKey < choice.Label.Length ? choice.Label[hotKey].ToString().ToUpperInvariant() : _label;
    }

    /// <summary>The letter that chooses it; the label where it has none.</summary>
    internal string Key { get; }

    /// <summary>Whether what was typed chooses this.</summary>
    internal bool Answers(string typed) =>
        typed.Equals(Key, StringComparison.OrdinalIgnoreCase) || typed.Equals(_label, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override string ToString() => $"[{Key}] {_label}";
}
