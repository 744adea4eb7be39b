using System.Text.RegularExpressions;

namespace MultiArchImage.Building.Tagging;

/// <summary>What a branch or ref becomes as a tag, as the jobs of the Linux Foundation have it.</summary>
internal static class BranchRules
{
    private static readonly (string Pattern, string Tag)[] Usual =
    [
        ("master", "latest"),
        ("main", "latest"),
        ("stable/*", "stable"),
        ("refs/tags/*", "*"),
    ];

    /// <summary>The tag of the first rule that fits; null where none does.</summary>
    /// <param name="branch"><c>master</c>, <c>origin/master</c>, <c>refs/heads/master</c>, <c>refs/tags/1.0</c>.</param>
    /// <param name="map">The user's rules, which go first; an exact name before a pattern, a longer pattern before a shorter one.</param>
    public static string? TagOf(string branch, IReadOnlyDictionary<string, string> map)
    {
        var name = Plain(branch);
        return map.OrderBy(rule => rule.Key.Contains('*', StringComparison.Ordinal)).ThenByDescending(rule => rule.Key.Length)
            .Select(rule => (rule.Key, rule.Value)).Concat(Usual)
            .Select(rule => Match(rule.Item1, rule.Item2, name)).FirstOrDefault(tag => tag is not null);
    }

    private static string Plain(string branch)
    {
        foreach (var prefix in new[] { "refs/heads/", "refs/remotes/origin/", "origin/" })
        {
            if (branch.StartsWith(prefix, StringComparison.Ordinal))
                return branch[prefix.Length..];
        }
        return branch;
    }

    private static string? Match(string pattern, string tag, string name)
    {
        var match = Regex.Match(name, $"^{Regex.Escape(pattern).Replace(@"\*", "(.+)", StringComparison.Ordinal)}\\z", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        return match.Success ? tag.Replace("*", match.Groups[1].Value, StringComparison.Ordinal) : null;
    }
}
