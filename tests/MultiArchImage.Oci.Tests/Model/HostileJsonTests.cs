using System.Diagnostics;
using System.Text;
using MultiArchImage.Oci.Handoff;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Testbed;

namespace MultiArchImage.Oci.Tests.Model;

/// <summary>Documents that are small and made to cost much, or that two readers read differently.</summary>
public sealed class HostileJsonTests
{
    private static readonly Dictionary<string, Func<int, string>> Bombs = new()
    {
        ["deep objects"] = size => string.Concat(Enumerable.Repeat("{\"a\":", size / 5)),
        ["deep arrays"] = size => "{\"a\":" + new string('[', size),
        ["deep and closed"] = size => $"{{\"a\":{new string('[', size / 2)}{new string(']', size / 2)}}}",
        ["small numbers"] = size => $"{{\"a\":[{Repeat("0", size / 2)}]}}",
        ["empty lists"] = size => $"{{\"a\":[{Repeat("[]", size / 3)}]}}",
        ["small objects"] = size => $"{{\"a\":[{Repeat("{\"\":0}", size / 7)}]}}",
        ["many fields"] = size => $"{{{string.Join(',', Enumerable.Range(0, size / 10).Select(field => $"\"{field:x5}\":0"))}}}",
        ["one field many times"] = size => $"{{{string.Join(',', Enumerable.Range(0, 1000).Select(field => $"\"{field:x5}\":\"a long value, for its room\""))},{Repeat("\"z\":\"a long value, for its room\"", size / 34)}}}",
        ["a huge whole number"] = size => $"{{\"a\":{new string('9', size)}}}",
        ["a huge exponent"] = _ => "{\"a\":1e999999999}",
        ["half a text"] = size => "{\"a\":\"" + new string('x', size),
        ["a field without end"] = size => "{\"" + new string('x', size),
        ["a long word"] = size => "{\"a\":" + new string('t', size) + "}",
    };

    public static TheoryData<string> BombNames => [.. Bombs.Keys];

    [Theory, MemberData(nameof(BombNames))]
    public void A_bomb_is_refused_soon_in_little_memory_and_few_words(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(Bombs[name](OciLimits.ManifestSize - 100_000));
        Assert.InRange(bytes.Length, 1, OciLimits.ManifestSize);
        var (before, watch) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.StartNew());
        var failure = Assert.Throws<InvalidImageException>(() => new Manifest(MediaTypes.OciIndex, bytes));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64_000_000);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.InRange(failure.Message.Length, 1, 500);
    }

    [Theory]
    [InlineData("{\"a\":1} {\"b\":2}")]
    [InlineData("{\"a\":1} and more")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":{\"b\":1,\"b\":2}}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{a:1}")]
    [InlineData("{'a':1}")]
    [InlineData("{\"a\":1 /* one */}")]
    [InlineData("{\"a\":0x10}")]
    [InlineData("{\"a\":010}")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("{\"a\":undefined}")]
    [InlineData("{\"a\":new Date(1)}")]
    [InlineData("{\"a\":[1,,2]}")]
    public void What_engines_would_not_read_or_read_differently_is_refused(string json) =>
        Assert.Throws<InvalidImageException>(() => new Manifest(MediaTypes.OciIndex, Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void A_large_document_that_is_what_it_says_is_read()
    {
        var entries = Enumerable.Range(0, 10_000).Select(number => new Descriptor(MediaTypes.OciManifest, Digest.Of(BitConverter.GetBytes(number)), 500)
        {
            Platform = Platform.Parse("linux/arm64"), Annotations = new Dictionary<string, string> { ["org.example.number"] = $"{number}" },
        });
        var index = ImageIndex.Create(MediaTypes.OciIndex, entries);
        Assert.InRange(index.Document.Bytes.Length, OciLimits.ManifestSize / 2, OciLimits.ManifestSize);
        Assert.Equal(10_000, ImageIndex.Parse(new Manifest(null, index.Document.Bytes)).Entries.Count);
    }

    [Fact]
    public void A_document_of_few_values_may_be_dense() =>
        Assert.Equal(MediaTypes.OciIndex, new Manifest(null, Encoding.UTF8.GetBytes($"{{\"manifests\":[],\"a\":[{Repeat("0", 9000)}]}}")).MediaType);

    [Theory, MemberData(nameof(BombNames))]
    public async Task Other_documents_are_read_as_carefully(string name)
    {
        using var folder = new TemporaryFolder();
        var text = Bombs[name](OciLimits.ManifestSize - 100_000);
        var config = Assert.Throws<InvalidImageException>(() => ImageConfig.Parse(Encoding.UTF8.GetBytes(text), "config"));
        Assert.InRange(config.Message.Length, 1, 500);
        var logins = Assert.Throws<CredentialStoreException>(() => DockerConfig.Parse(text, "config.json"));
        Assert.InRange(logins.Message.Length, 1, 500);
        Assert.ThrowsAny<ImageException>(() => TokenAnswer.Parse(Encoding.UTF8.GetBytes(text[..Math.Min(text.Length, 1024 * 1024)]), default, null));
        await File.WriteAllTextAsync(folder["images.json"], text);
        await Assert.ThrowsAsync<InvalidImageFileException>(() => new ImageFile(folder["images.json"]).ReadAsync(CancellationToken.None));
    }

    private static string Repeat(string text, int count) => string.Join(',', Enumerable.Repeat(text, count));
}
