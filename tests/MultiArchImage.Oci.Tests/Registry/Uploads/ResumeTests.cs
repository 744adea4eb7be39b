using System.Globalization;
using System.Security.Cryptography;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Oci.Tests.Registry.Uploads;

/// <summary>Uploads that break, at a registry that keeps what it got.</summary>
[Needs(Part.HttpListener)]
public sealed class ResumeTests : IDisposable
{
    private const int Size = 20_000_000;
    private const int Chunk = 16 * 1024 * 1024;
    private static readonly byte[] Content = RandomNumberGenerator.GetBytes(Size);
    private static readonly Descriptor Blob = new(MediaTypes.OciLayerGzip, Digest.Of(Content), Size);
    private readonly RegistryFixture _fixture = new() { Options = new RegistryOptions { MaximumRetryCount = 3, Timeout = TimeSpan.FromSeconds(6), WillPush = true } };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(2)]
    [InlineData(65_537)]
    [InlineData(7_654_321)]
    [InlineData(Size - 4_000_000)]
    public async Task A_reset_at_any_byte_costs_only_what_had_not_arrived(int at)
    {
        using var server = new SessionServer(new UploadFault(at));
        await PushAsync(server);
        Assert.Equal(Size, server.BytesReceived);
        Assert.Equal(["POST", "HEAD", "PUT", "GET", .. Patches(at), "PUT"], server.Requests);
    }

    [Fact]
    public async Task What_arrived_whole_but_was_not_answered_is_not_sent_again()
    {
        using var server = new SessionServer(new UploadFault(Size, 504));
        await PushAsync(server);
        Assert.Equal(["POST", "HEAD", "PUT", "GET", "PUT"], server.Requests);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(413)]
    [InlineData(416)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task An_answer_that_may_pass_is_followed_by_the_rest(int status)
    {
        using var server = new SessionServer(new UploadFault(5_000_000, status));
        await PushAsync(server);
        Assert.Equal(["POST", "HEAD", "PUT", "GET", .. Patches(5_000_000), "PUT"], server.Requests);
    }

    [Fact]
    public async Task A_registry_that_reads_no_more_is_left_and_asked()
    {
        using var server = new SessionServer(new UploadFault(5_000_000, Stalls: true));
        await PushAsync(server);
        Assert.Equal(Size, server.BytesReceived);
    }

    [Fact]
    public async Task A_chunk_that_breaks_is_taken_up_too()
    {
        using var server = new SessionServer(new UploadFault(1_000_000), new UploadFault(2_000_000), new UploadFault(3_000_000, 416));
        await PushAsync(server);
        Assert.Equal(
            ["POST", "HEAD", "PUT", "GET", Range(1_000_000), "GET", Range(3_000_000), "GET", .. Patches(6_000_000), "PUT"], server.Requests);
    }

    [Fact]
    public async Task A_session_that_is_lost_is_begun_anew()
    {
        using var server = new SessionServer(new UploadFault(1_000_000, LosesSession: true));
        await PushAsync(server);
        Assert.Equal(["POST", "HEAD", "PUT", "GET", "POST", "HEAD", .. Patches(0), "PUT"], server.Requests);
        Assert.Equal(0, server.OpenSessions);
    }

    [Fact]
    public async Task A_session_that_has_nothing_is_cancelled_and_begun_anew()
    {
        using var server = new SessionServer(new UploadFault(0, 503));
        await PushAsync(server);
        Assert.Equal(["POST", "HEAD", "PUT", "GET", "DELETE", "POST", "HEAD", .. Patches(0), "PUT"], server.Requests);
        Assert.Equal(0, server.OpenSessions);
    }

    [Fact]
    public async Task Chunks_are_as_long_as_the_registry_wants_them()
    {
        using var server = new SessionServer(new UploadFault(1_000_000)) { MinimumChunk = Chunk + 1_000_000 };
        await PushAsync(server);
        Assert.Contains(Range(1_000_000, Chunk + 1_000_000), server.Requests);
    }

    [Fact]
    public async Task Tries_that_get_nowhere_are_bounded_and_the_session_is_cancelled()
    {
        using var server = new SessionServer([.. Enumerable.Repeat(new UploadFault(10), 10)]);
        var failure = await Assert.ThrowsAsync<UploadBrokenException>(() => PushAsync(server));
        Assert.Contains("broke while a blob was sent", failure.Message);
        Assert.Equal(4, server.Requests.Count(request => request is "PUT" || request.StartsWith("PATCH", StringComparison.Ordinal)));
        Assert.Equal(0, server.OpenSessions);
    }

    [Fact]
    public async Task A_source_without_parts_is_read_again_from_its_start()
    {
        using var server = new SessionServer(new UploadFault(7_000_000));
        var opened = 0;
        var source = new BlobSource(_ =>
        {
            opened++;
            return Task.FromResult<Stream>(new OnceStream(Content));
        });
        Assert.Equal(BlobTransfer.Sent, await Open(server).PutBlobAsync(Blob, source, Cancel));
        Assert.Equal(Content, server.Blobs[$"{Blob.Digest}"]);
        Assert.Equal(Size, server.BytesReceived);
        Assert.Equal(2, opened);
    }

    [Fact]
    public async Task A_refusal_is_final_and_leaves_no_session()
    {
        using var server = new SessionServer(new UploadFault(1000, 403));
        await Assert.ThrowsAsync<RegistryDeniedException>(() => PushAsync(server));
        Assert.Equal(["POST", "HEAD", "PUT", "DELETE"], server.Requests);
        Assert.Equal(0, server.OpenSessions);
    }

    [Fact]
    public async Task An_abort_leaves_no_session()
    {
        using var server = new SessionServer(new UploadFault(1_000_000, Stalls: true));
        using var abort = new CancellationTokenSource();
        var push = Open(server).PutBlobAsync(Blob, BlobSource.FromBytes(Content), abort.Token);
        while (server.BytesReceived < 1_000_000)
            await Task.Delay(10, Cancel);
        abort.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => push);
        Assert.Equal(0, server.OpenSessions);
    }

    [Fact]
    public async Task A_registry_that_knows_no_mounts_is_asked_before_it_is_sent_what_it_has()
    {
        using var server = new SessionServer { KnowsMounts = false };
        await PushAsync(server);
        server.Requests.Clear();
        Assert.Equal(BlobTransfer.Present, await Open(server).PutBlobAsync(Blob, BlobSource.FromBytes(Content), Cancel));
        Assert.Equal(["POST", "HEAD", "DELETE"], server.Requests);
        Assert.Equal(0, server.OpenSessions);
    }

    [Fact]
    public async Task Content_that_the_registry_refuses_is_the_sources_fault_only_if_it_is()
    {
        using var server = new SessionServer();
        var wrong = Content.ToArray();
        wrong[^1] ^= 1;
        var failure = await Assert.ThrowsAsync<DigestMismatchException>(() => Open(server).PutBlobAsync(
            Blob, BlobSource.FromBytes(wrong) with { Place = ImageReference.Parse("oci:/images") }, Cancel));
        Assert.Contains("oci:/images", failure.Message);
        Assert.Empty(server.Blobs);

        var tries = 0;
        await Open(server).PutBlobAsync(
            Blob, BlobSource.FromBytes(Content) with { PartAsync = (offset, _) => Task.FromResult(From(tries++ == 0 ? wrong : Content, offset)) }, Cancel);
        Assert.Equal(Content, server.Blobs[$"{Blob.Digest}"]);
    }

    private async Task PushAsync(SessionServer server)
    {
        var source = BlobSource.FromBytes(Content) with
        {
            PartAsync = (offset, _) => Task.FromResult(From(Content, offset)),
        };
        Assert.Equal(BlobTransfer.Sent, await Open(server).PutBlobAsync(Blob, source, Cancel));
        Assert.Equal(Content, server.Blobs[$"{Blob.Digest}"]);
    }

    private static Stream From(byte[] content, long offset) => new MemoryStream(content, (int)offset, (int)(content.Length - offset));

    private RegistryStore Open(SessionServer server) => _fixture.Client().Open(ImageReference.Parse($"{server.Host}/a"));

    private static IEnumerable<string> Patches(int start)
    {
        for (; start < Size; start += Chunk)
            yield return Range(start);
    }

    private static string Range(int start, int length = Chunk) =>
        string.Create(CultureInfo.InvariantCulture, $"PATCH {start}-{Math.Min(Size, start + length) - 1}");

    private sealed class OnceStream(byte[] content) : ForwardStream
    {
        private readonly MemoryStream _content = new(content);

        public override long Position { get => _content.Position; set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _content.ReadAsync(buffer, cancellationToken);
    }
}
