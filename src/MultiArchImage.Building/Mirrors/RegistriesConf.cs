using MultiArchImage.Oci.Registry.Mirrors;
using Tomlyn;
using Tomlyn.Model;

namespace MultiArchImage.Building.Mirrors;

/// <summary>
/// The mirrors that podman's and skopeo's <c>registries.conf</c> names (containers-registries.conf(5), version 2): a <c>[[registry]]</c> with
/// <c>prefix</c> or <c>location</c>, and its <c>[[registry.mirror]]</c> with <c>location</c>, <c>insecure</c> and <c>pull-from-mirror</c>.
/// </summary>
/// <remarks>It is here and not beside the registries because a library reads it, which must not load into every session.</remarks>
public static class RegistriesConf
{
    private const int MaximumSize = 1024 * 1024;

    /// <summary>The mirrors of a file, in the order they stand.</summary>
    /// <exception cref="MirrorSettingsException">It cannot be read, or is no such file.</exception>
    public static IReadOnlyList<RegistryMirror> Read(string file)
    {
        try
        {
            if (new FileInfo(file).Length > MaximumSize)
                throw new MirrorSettingsException(file, $"is larger than {MaximumSize} bytes");
            var settings = TomlSerializer.Deserialize<TomlTable>(File.ReadAllText(file)) ?? [];
            return [.. Tables(settings, "registry").SelectMany(registry => MirrorsOf(registry, file))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TomlException)
        {
            throw new MirrorSettingsException(file, $"cannot be read: {e.Message.TrimEnd('.')}", e);
        }
    }

    private static IEnumerable<RegistryMirror> MirrorsOf(TomlTable registry, string file)
    {
        var prefix = Text(registry, "prefix") ?? Text(registry, "location");
        foreach (var mirror in Tables(registry, "mirror"))
        {
            if (prefix is not { Length: > 0 } || Text(mirror, "location") is not { Length: > 0 } location)
                throw new MirrorSettingsException(file, "has a [[registry.mirror]] without a location, or in a [[registry]] without one");
            var parts = location.Split('/', 2);
            var from = Text(mirror, "pull-from-mirror") ?? (Is(registry, "mirror-by-digest-only") ? "digest-only" : "all");
            yield return new RegistryMirror(prefix, parts[0], parts is [_, var path] ? path.Trim('/') : "")
            {
                PlainHttp = Is(mirror, "insecure"),
                HasTags = from != "digest-only",
                HasDigests = from != "tag-only",
            };
        }
    }

    private static IEnumerable<TomlTable> Tables(TomlTable table, string name) => table.TryGetValue(name, out var value) && value is TomlTableArray tables ? tables : [];

    private static string? Text(TomlTable table, string name) => table.TryGetValue(name, out var value) ? value as string : null;

    private static bool Is(TomlTable table, string name) => table.TryGetValue(name, out var value) && value is true;
}
