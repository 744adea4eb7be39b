using System.Globalization;

namespace MultiArchImage.Oci.FatManifests.Comparison;

/// <summary>What changed from one image to another, in lines for a person.</summary>
internal static class ContentComparison
{
    private const string None = "none";

    /// <summary>The difference with sizes, layers and lines filled in.</summary>
    public static FatManifestDifference Describe(FatManifestDifference difference, ImageContent before, ImageContent after)
    {
        var (old, now) = (before.Image.Layers.Select(layer => layer.Digest).ToList(), after.Image.Layers.Select(layer => layer.Digest).ToList());
        return difference with
        {
            SizeDelta = after.Image.ContentSize - before.Image.ContentSize,
            LayersAdded = now.Except(old).Count(),
            LayersRemoved = old.Except(now).Count(),
            Changes = [.. Lines(before, after)],
        };
    }

    /// <summary>The lines by which two maps differ, in the order of their keys.</summary>
    public static IEnumerable<string> OfMaps(string what, IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after) =>
        from key in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal)
        from line in OfTexts($"{what} {key}", before.GetValueOrDefault(key), after.GetValueOrDefault(key))
        select line;

    /// <summary>The line by which two texts differ; none where they are the same.</summary>
    public static IEnumerable<string> OfTexts(string what, string? before, string? after)
    {
        if (before != after)
            yield return $"{what}: {Quoted(before)} -> {Quoted(after)}";
    }

    private static IEnumerable<string> Lines(ImageContent before, ImageContent after)
    {
        var (old, now) = (before.Config, after.Config);
        return
        [
            .. OfBase(old.DiffIds, now.DiffIds),
            .. OfTexts("platform", $"{old.Platform}", $"{now.Platform}"),
            .. OfTexts("created", Time(old.Created), Time(now.Created)),
            .. OfTexts("entrypoint", Joined(old.Entrypoint), Joined(now.Entrypoint)),
            .. OfTexts("command", Joined(old.Command), Joined(now.Command)),
            .. OfTexts("user", old.User, now.User),
            .. OfTexts("working directory", old.WorkingDirectory, now.WorkingDirectory),
            .. OfMaps("environment", Variables(old.Environment), Variables(now.Environment)),
            .. OfMaps("label", old.Labels, now.Labels),
        ];
    }

    // The base of an image is where its layers start: as far as both have the same ones, they have the same base.
    private static IEnumerable<string> OfBase(IReadOnlyList<string> before, IReadOnlyList<string> after)
    {
        var shared = before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count();
        if (shared < before.Count || shared < after.Count)
            yield return shared == 0 ? "base: no layer in common" : $"base: the first {shared} of {before.Count} layers are the same, of {after.Count} now";
    }

    private static Dictionary<string, string> Variables(IReadOnlyList<string> environment) => environment
        .Select(variable => variable.Split('=', 2)).GroupBy(parts => parts[0], StringComparer.Ordinal)
        .ToDictionary(same => same.Key, same => same.Last().ElementAtOrDefault(1) ?? "", StringComparer.Ordinal);

    private static string? Joined(IReadOnlyList<string> words) => words.Count == 0 ? null : string.Join(' ', words);

    private static string? Time(DateTimeOffset? time) => time?.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static string Quoted(string? text) => text is null ? None : $"'{text}'";
}
