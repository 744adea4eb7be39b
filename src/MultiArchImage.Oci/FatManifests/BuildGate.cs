using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>The gate of <c>-RequireSame</c>: moving tags of architectures mix builds in silence, and labels tell.</summary>
internal static class BuildGate
{
    /// <summary>Every entry must have the label, with one value for all.</summary>
    /// <param name="target">What errors are about.</param>
    /// <param name="names"><c>Revision</c>, <c>Version</c>, or a label's own name.</param>
    /// <param name="entries">The images, with their contents.</param>
    /// <exception cref="BuildsDifferException">An entry has none, or another one.</exception>
    public static void Require(ImageReference target, IReadOnlyList<string> names, IReadOnlyList<Candidate> entries)
    {
        foreach (var label in names.Select(Label))
        {
            var values = entries.Select(entry => entry.Content?.Config.Labels.GetValueOrDefault(label) ?? "").ToList();
            if (values.Contains("") || values.Distinct(StringComparer.Ordinal).Skip(1).Any())
            {
                var pairs = entries.Zip(values, (entry, value) => $"{(value.Length == 0 ? "missing" : $"'{value}'")} for {entry.Platform}");
                throw new BuildsDifferException($"{target}", label, [.. pairs]) { Subject = $"{target}" };
            }
        }
    }

    /// <summary>The label that a name means.</summary>
    public static string Label(string name) => name.ToUpperInvariant() switch
    {
        "REVISION" => Annotations.Revision,
        "VERSION" => Annotations.Version,
        _ => name,
    };
}
