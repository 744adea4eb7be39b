using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Naming;

/// <summary>
/// The name of an image or fat manifest, or, without tag and digest, of the place that holds some. Parsed once, strictly: a reference that
/// exists is well-formed (distribution-spec: Pulling manifests, and Docker's rules for short names).
/// </summary>
/// <remarks>
/// <c>busybox</c> is <c>docker.io/library/busybox</c>. <c>oci:PATH[:TAG]</c>, <c>oci-archive:FILE[:TAG]</c> and
/// <c>docker-archive:FILE[:TAG]</c> name files; the path is as it was written until <see cref="MapPath"/> makes it absolute.
/// </remarks>
public sealed partial record ImageReference
{
    /// <summary>Docker Hub's name in references; its API is at another host.</summary>
    public const string DockerHub = "docker.io";

    /// <summary>What a name without a tag means.</summary>
    public const string DefaultTag = "latest";

    private const string OfficialPrefix = "library/";
    private const int MaximumRepositoryLength = 255;
    private const string Remedy = "write NAME[:TAG], like akraino/validation:k8s-latest, or oci:PATH[:TAG]";

    private ImageReference(ReferenceKind kind, string registry, string repository, string path, string? tag, Digest? digest) =>
        (Kind, Registry, Repository, Path, Tag, Digest) = (kind, registry, repository, path, tag, digest);

    /// <summary>Where the image lives.</summary>
    public ReferenceKind Kind { get; }

    /// <summary>Host and port of the registry, <c>docker.io</c> for short names; empty for files.</summary>
    public string Registry { get; }

    /// <summary>The repository, <c>library/busybox</c>; empty for files.</summary>
    public string Repository { get; }

    /// <summary>The folder or file; empty for names.</summary>
    public string Path { get; }

    /// <summary>The tag; null where none was written.</summary>
    public string? Tag { get; }

    /// <summary>The digest; null where none was written. Where both are, the digest decides.</summary>
    public Digest? Digest { get; }

    /// <summary>Whether the image is in a folder or file.</summary>
    public bool IsFile => Kind != ReferenceKind.Name;

    /// <summary>What a store is asked for: the digest, else the tag, else <c>latest</c>.</summary>
    public string TagOrDigest => Digest?.ToString() ?? Tag ?? DefaultTag;

    /// <summary>The reference without tag and digest: a repository, a folder, a file.</summary>
    public ImageReference Place => new(Kind, Registry, Repository, Path, null, null);

    /// <summary>The name with nothing left out: <c>docker.io/library/busybox:1.36</c>.</summary>
    public string FullName => Suffixed(IsFile ? $"{Scheme(Kind)}:{Path}" : $"{Registry}/{Repository}");

    /// <summary>Reads a reference.</summary>
    /// <exception cref="InvalidReferenceException">The text is none; the message says why.</exception>
    public static ImageReference Parse(string text) =>
        Read(text, out var reference) is { } reason ? throw new InvalidReferenceException(text, reason, Remedy) : reference!;

    /// <summary>Reads a reference without throwing.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ImageReference? reference)
    {
        reference = null;
        return text is not null && Read(text, out reference) is null;
    }

    /// <summary>Whether the text can be a tag (distribution-spec: Pulling manifests).</summary>
    public static bool IsTag(string text) => TagText().IsMatch(text);

    /// <summary>Whether a text is the name of a repository within a registry: lower-case parts between slashes (distribution-spec: Pulling manifests).</summary>
    public static bool IsRepository(string text) => text.Length is > 0 and <= MaximumRepositoryLength && RepositoryText().IsMatch(text);

    /// <summary>The same place with another tag and no digest.</summary>
    /// <exception cref="InvalidReferenceException"><paramref name="tag"/> is none.</exception>
    public ImageReference WithTag(string tag) => IsTag(tag)
        ? new(Kind, Registry, Repository, Path, tag, null)
        : throw new InvalidReferenceException($"{Place}:{tag}", $"'{tag}' is no tag", "use letters, digits, '_', '.' and '-', at most 128, not '.' or '-' first");

    /// <summary>The same place and tag with a digest.</summary>
    public ImageReference WithDigest(Digest digest) => new(Kind, Registry, Repository, Path, Tag, digest);

    /// <summary>The reference with its tag, or <c>latest</c> where it has neither tag nor digest.</summary>
    public ImageReference OrLatest() => Tag is null && Digest is null ? WithTag(DefaultTag) : this;

    /// <summary>The reference with its path mapped, for a path that is relative to something; names stay as they are.</summary>
    public ImageReference MapPath(Func<string, string> map) => IsFile ? new(Kind, Registry, Repository, map(Path), Tag, Digest) : this;

    /// <summary>The name as Docker shows it: Docker Hub's host and <c>library/</c> are left out.</summary>
    public override string ToString() => Kind switch
    {
        ReferenceKind.Name when Registry == DockerHub && ShortName is { } name => Suffixed(name),
        _ => FullName,
    };

    // What is left out must be what reading the rest puts there again: docker.io/example.com/x is not example.com/x.
    private string? ShortName => new[] { Repository[(Repository.IndexOf('/') + 1)..], Repository }.FirstOrDefault(name => SplitRegistry(name) == (Registry, Repository));

    // Returns why the text is no reference, or null where it is one.
    private static string? Read(string text, out ImageReference? reference)
    {
        reference = null;
        if (string.IsNullOrWhiteSpace(text))
            return "it is empty";
        foreach (var kind in new[] { ReferenceKind.OciLayout, ReferenceKind.OciArchive, ReferenceKind.DockerArchive })
        {
            var prefix = Scheme(kind) + ":";
            if (text.StartsWith(prefix, StringComparison.Ordinal))
                return ReadFile(kind, text[prefix.Length..], out reference);
        }
        return ReadName(text, out reference);
    }

    private static string? ReadFile(ReferenceKind kind, string text, out ImageReference? reference)
    {
        reference = null;
        var (path, digest) = CutDigest(text);
        // A colon is a tag's only behind the last separator; the one of C:\images comes before it.
        var colon = path.LastIndexOf(':');
        string? tag = null;
        if (colon > path.LastIndexOfAny(['/', '\\']) && !IsDrive(path, colon))
            (path, tag) = (path[..colon], path[(colon + 1)..]);
        if (path.Length == 0)
            return "it has no path";
        if (tag is not null && !IsTag(tag))
            return $"'{tag}' is no tag";
        reference = new ImageReference(kind, "", "", path, tag, digest);
        return null;
    }

    private static string? ReadName(string text, out ImageReference? reference)
    {
        reference = null;
        if (text.Contains("://", StringComparison.Ordinal))
            return "it is a URL; leave the scheme out";
        var (rest, digest) = CutDigest(text);
        if (rest.Contains('@'))
            return "what stands behind '@' is no sha256 or sha512 digest";
        string? tag = null;
        var colon = rest.LastIndexOf(':');
        if (colon > rest.LastIndexOf('/'))
            (rest, tag) = (rest[..colon], rest[(colon + 1)..]);
        if (tag is not null && !IsTag(tag))
            return $"'{tag}' is no tag";
        var (registry, repository) = SplitRegistry(rest);
        // The form lets through ports past the last one, and numbers in brackets that are no address.
        if (!RegistryText().IsMatch(registry) || !Uri.TryCreate($"https://{registry}", UriKind.Absolute, out _))
            return $"'{registry}' is no host name";
        if (repository.Length is 0 or > MaximumRepositoryLength)
            return repository.Length == 0 ? "it has no repository" : $"its repository is longer than {MaximumRepositoryLength} characters";
        if (repository.Any(char.IsAsciiLetterUpper))
            return $"the repository '{repository}' must be lower-case";
        if (!RepositoryText().IsMatch(repository))
            return $"'{rest}' is no repository";
        reference = new ImageReference(ReferenceKind.Name, registry, repository, "", tag, digest);
        return null;
    }

    // The first part is a host if it cannot be part of a repository name: it has a dot or a port, or is localhost.
    private static (string Registry, string Repository) SplitRegistry(string name)
    {
        var slash = name.IndexOf('/');
        var first = slash < 0 ? "" : name[..slash].ToLowerInvariant();
        if (first != "localhost" && !first.Contains('.') && !first.Contains(':'))
            return (DockerHub, slash < 0 ? OfficialPrefix + name : name);
        var repository = name[(slash + 1)..];
        if (first is "index.docker.io" or "registry-1.docker.io" or DockerHub)
            return (DockerHub, repository.Contains('/') ? repository : OfficialPrefix + repository);
        return (first, repository);
    }

    private static (string Text, Digest? Digest) CutDigest(string text)
    {
        var at = text.LastIndexOf('@');
        return at >= 0 && Digest.TryParse(text[(at + 1)..], out var digest) ? (text[..at], digest) : (text, null);
    }

    private static bool IsDrive(string path, int colon) => colon == 1 && char.IsAsciiLetter(path[0]) && path.Length == 2;

    private static string Scheme(ReferenceKind kind) => kind switch
    {
        ReferenceKind.OciLayout => "oci",
        ReferenceKind.OciArchive => "oci-archive",
        _ => "docker-archive",
    };

    private string Suffixed(string name) => $"{name}{(Tag is null ? "" : $":{Tag}")}{(Digest is null ? "" : $"@{Digest}")}";

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}\z")]
    private static partial Regex TagText();

    [GeneratedRegex(@"^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*\z")]
    private static partial Regex RepositoryText();

    [GeneratedRegex(@"^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?\z")]
    private static partial Regex RegistryText();
}
