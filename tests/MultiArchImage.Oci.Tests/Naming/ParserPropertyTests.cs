using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Registry.Http;
using MultiArchImage.Oci.Serving;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Tests.Naming;

/// <summary>
/// What holds of every text: no parser throws what it does not promise, and what it read it reads again from what it prints. A million texts in all:
/// right ones with a few characters changed, pieces put together, and chance.
/// </summary>
public sealed class ParserPropertyTests
{
    private const string Hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private const string Letters = "abcxyzABCZ0189:/@.-_{}[]()*?+,;=<>\"'\\% \t\r\n\0\u001bÜ\ud83d\udc33\ud800";

    // The same texts each time, so that a build does not fail by chance; another seed is another search.
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(90_000).WithReplay(4711UL, 4713UL);
    private static readonly Config Some = Many.WithMaxTest(20_000);

    private static readonly string[] Names =
    [
        "busybox", "akraino/validation:k8s-amd64-latest", "docker.io/library/busybox:1.36", "registry.example.com:5000/team/app:1.0",
        $"localhost:5000/a@sha256:{Hex}", "[::1]:5000/a/b__c-d.e:x", "127.0.0.1:65535/a:1", "index.docker.io/x", "oci:/a/b:c", @"oci:C:\a\b:c", "oci-archive:a.tar", "docker-archive:./a b.tar:1",
    ];

    private static readonly string[] Documents =
    [
        $$$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:{{{Hex}}}","size":7,"platform":{"architecture":"arm64","os":"linux","variant":"v8","os.features":["a"]},"annotations":{"a":"b"}}],"annotations":{"c":"d"}}""",
        $$$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:{{{Hex}}}","size":2},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:{{{Hex}}}","size":1e3,"urls":["https://a"]}]}""",
        """{"architecture":"amd64","os":"linux","created":"2026-05-01T00:00:00Z","config":{"Env":["A=b"],"Labels":{"a":"b"},"Entrypoint":["/a"]},"rootfs":{"type":"layers","diff_ids":["sha256:0"]}}""",
        """{"name":"a","tags":["1","2"],"auths":{"https://index.docker.io/v1/":{"auth":"YTpi"},"example.com":{"username":"a","password":"b"}},"credHelpers":{"a":"b"}}""",
        """{"token":"a","access_token":"a","expires_in":300,"issued_at":"2026-05-01T00:00:00Z","refresh_token":"b"}""",
    ];

    [Fact]
    public void A_reference_is_read_again_from_what_it_prints_and_has_an_address() => Check(Near(Names), text =>
        !ImageReference.TryParse(text, out var reference)
        || (ImageReference.Parse(reference.ToString()) == reference && ImageReference.Parse(reference.FullName) == reference
            && (reference.IsFile || RegistryName.Api(reference.Registry, plainHttp: false).IsAbsoluteUri)));

    [Fact]
    public void A_platform_is_read_again_from_what_it_prints() => Check(
        Near("linux/amd64", "linux/arm/v7", "arm64", "x86_64", "windows(10.0.17763.1432)/amd64", "windows(10.0.17763.1432+win32k)/amd64", "linux(+a+b)/arm64"),
        text => !Platform.TryParse(text, out var platform) || Platform.Parse(platform.ToString()) == platform);

    [Fact]
    public void A_digest_prints_as_it_was_read() => Check(
        Near($"sha256:{Hex}", $"sha512:{Hex}{Hex}"), text => !Digest.TryParse(text, out var digest) || digest.ToString() == text);

    [Fact]
    public void A_template_prints_as_it_was_read_and_gives_names_that_it_knows_as_its_own() => Check(
        Near("akraino/validation:k8s-{arch}-latest", "a/svc-{arch}:1.0", "oci:/a/b:{arch}-x", "localhost:1/a:{arch}", "a:1.0.{arch}"),
        text => Read<InvalidReferenceException>(() =>
        {
            var template = TagTemplate.Parse(text);
            return template.ToString() == text && TagTemplate.Parse($"{template}").ToString() == text && template.IsMatch(template.For(Platform.Parse("linux/arm64")));
        }));

    [Fact]
    public void A_pattern_is_refused_or_read_and_matches_what_it_names() => Check(
        Near([.. Names, "a/b:k8s-*", "registry.example.com/a/*:1", "a:[12].?", "oci:/a[b]/c:*"]), text => Read<InvalidReferenceException>(() =>
        {
            var pattern = ReferencePattern.Parse(text);
            return pattern.Exact is not { Digest: null } exact || pattern.IsMatch(exact);
        }));

    [Fact]
    public void A_registry_is_read_again_from_what_it_gave() => Check(
        Near("docker.io", "https://registry.example.com/", "localhost:5000", "http://[::1]:5000", "myhost", "https://index.docker.io/v1/"), text =>
            Read<InvalidReferenceException>(() => RegistryName.Parse(RegistryName.Parse(text)) == RegistryName.Parse(text)));

    [Fact]
    public void A_challenge_is_read_again_from_what_it_prints() => Check(
        Near("Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",scope=\"repository:a/b:pull,push\"", "Basic realm=\"a \\\" b\"", "Negotiate abc==, Basic realm=x"), text =>
            Challenge.Parse(text).All(challenge => Challenge.Parse(Printed(challenge)) is [var again] && again == challenge));

    [Fact]
    public void A_link_is_read_again_from_what_it_prints() => Check(
        Near("</v2/a/tags/list?n=2&last=b>; rel=\"next\"", "<https://a/b>; rel=prev; title=\"a, <b>\", <c>;rel=next", "<x>"), text =>
            PageLink.Parse(text).All(link => PageLink.Parse($"<{link.Target}>; rel={Quoted(link.Relation)}") is [var again] && again == link)
            && Read<InvalidImageException>(() => NextIsOfTheSameHost(text)));

    [Fact]
    public void A_range_lies_within_and_is_read_again_from_what_it_prints() => Check(Near("bytes=0-499", "bytes=500-", "bytes=-5", "bytes=1-1,3-4"), text =>
        Read<RefusedException>(() => ByteRange.Parse(text, 1000) is not { } range
            || (range is { Start: >= 0, Length: > 0, Size: 1000 } && range.Start + range.Length <= 1000
                && ByteRange.Parse($"bytes={range.ContentRange["bytes ".Length..^"/1000".Length]}", 1000) == range)));

    [Fact]
    public void A_path_of_the_api_names_a_repository_or_is_refused() => Check(
        Near("/v2/", "/v2/a/b/manifests/1.0", $"/v2/a/blobs/sha256:{Hex}", "/v2/a/blobs/uploads/x", "/v2/a/tags/list", "/v2/_catalog", "/v2/%2e%2e/blobs/x"), text =>
            Read<RefusedException>(() => Route.Parse(text) is { Repository: var repository } && (repository.Length == 0 || ImageReference.IsRepository(repository))));

    [Fact]
    public void A_key_of_a_login_is_read_again_from_what_it_prints() => Check(
        Near("https://index.docker.io/v1/", "registry.example.com:5000", "quay.io/a/b", "https://a/v2/"), text =>
            LoginKey.Parse(text) is var key && (key.Registry.Length == 0 || LoginKey.Parse(LoginKey.Write(key.Registry)).Registry == key.Registry));

    [Fact]
    public void An_index_is_read_again_from_what_it_writes() => Check(Some, Near(Documents), text => Read<InvalidImageException>(() =>
    {
        var index = ImageIndex.Parse(new Manifest(null, Encoding.UTF8.GetBytes(text)));
        var written = index.With(index.Document.MediaType, index.Entries, index.Annotations);
        return index.Entries.All(entry => Descriptor.FromJson(entry.ToJson(), "again") == entry)
            && written.With(index.Document.MediaType, written.Entries, written.Annotations).Digest == written.Digest
            && ImageIndex.Parse(new Manifest(null, written.Document.Bytes)).Entries.SequenceEqual(written.Entries);
    }));

    [Fact]
    public void A_document_of_a_stranger_is_read_or_refused() => Check(Some, Near(Documents), text =>
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return Read<InvalidImageException>(() => ImageManifest.Parse(new Manifest(MediaTypes.OciManifest, bytes)).ContentSize >= 0)
            && Read<InvalidImageException>(() => ImageConfig.Parse(bytes, "config") is { DiffIds.Count: >= 0, Environment.Count: >= 0, Labels.Count: >= 0, Created: null or { } })
            && Read<InvalidImageException>(() => NamePage.OfTags.Parse(bytes, "tags").All(ImageReference.IsTag))
            && Read<InvalidImageException>(() => new LayoutIndex(Json.ParseObject(bytes, "index.json"), "index.json").Names(ImageReference.Parse("oci:a")).All(name => name.Tag is null || ImageReference.IsTag(name.Tag)))
            && Read<InvalidImageException>(() => TokenAnswer.Parse(bytes, DateTimeOffset.UnixEpoch, null) is null or { Token.Text.Length: > 0 })
            && Read<CredentialStoreException>(() => DockerConfig.Parse(text, "config.json") is var config && config.Registries.All(registry => config.Find(registry) is null or { Secret: not null }));
    });

    private static void Check(Gen<string> texts, Func<string, bool> property) => Check(Many, texts, property);

    private static void Check(Config config, Gen<string> texts, Func<string, bool> property) => Prop.ForAll(texts.ToArbitrary(), property).Check(config);

    // What a parser promises to throw is as good as true.
    private static bool Read<TFailure>(Func<bool> property)
        where TFailure : Exception
    {
        try
        {
            return property();
        }
        catch (TFailure)
        {
            return true;
        }
    }

    // Texts that are nearly right find more than texts of chance.
    private static Gen<string> Near(params string[] right) => Gen.Frequency(
        (12, Gen.Elements(right).SelectMany(text => Gen.Choose(0, int.MaxValue).Select(seed => Changed(text, right, new Random(seed))))),
        (1, ArbMap.Default.GeneratorFor<string>().Select(text => text ?? "")));

    private static string Changed(string text, string[] right, Random random)
    {
        for (var changes = random.Next(5); changes > 0; changes--)
        {
            var (start, end) = (random.Next(text.Length + 1), random.Next(text.Length + 1));
            (start, end) = (Math.Min(start, end), Math.Max(start, end));
            text = random.Next(7) switch
            {
                0 => text.Remove(start, Math.Min(1, text.Length - start)),
                1 => text.Remove(start, end - start),
                2 => text.Insert(start, Letters[random.Next(Letters.Length)].ToString()),
                3 => text.Insert(end, text[start..end]),
                4 => text.Insert(start, right[random.Next(right.Length)]),
                5 => text.ToUpperInvariant(),
                _ => start < text.Length ? $"{text[..start]}{Letters[random.Next(Letters.Length)]}{text[(start + 1)..]}" : text,
            };
        }
        return text;
    }

    // RFC 9110, 5.6.4: a backslash stands before what would end it.
    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static string Printed(Challenge challenge)
    {
        var parameters = new[] { ("realm", challenge.Realm), ("service", challenge.Service), ("scope", challenge.Scope) }.Where(parameter => parameter.Item2 is not null)
            .Select(parameter => $"{parameter.Item1}={Quoted(parameter.Item2!)}");
        return $"{challenge.Scheme} {string.Join(", ", parameters)}".TrimEnd();
    }

    private static bool NextIsOfTheSameHost(string link)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.OK);
        return !response.Headers.TryAddWithoutValidation("Link", link)
            || PageLink.Next(response, new Uri("https://a.example:5000/v2/x/tags/list")) is null or { Authority: "a.example:5000", Scheme: "https" };
    }
}
