using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MultiArchImage.Building.Daemonless;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Testbed;

namespace MultiArchImage.Building.Tests.Daemonless;

public sealed class RegistryBaseTests : IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<string> _log = new();
    private Process? _registry;

    public void Dispose()
    {
        _registry?.Kill();
        _registry?.WaitForExit();
        _registry?.Dispose();
        _folder.Dispose();
    }

    [RegistryFact]
    public async Task A_base_of_a_registry_is_fetched_once_and_carried_along()
    {
        var host = await StartAsync();
        _folder.Write("context/one", "one");
        _folder.Write("context/two", "two");
        var stores = new ImageStores(new RegistryClient(new RegistryOptions(), new CredentialResolver(null), NullSink.Instance));
        var place = ImageReference.Parse($"{host}/base/image:1.0");
        var parent = await BuildAsync(stores, "FROM scratch\nCOPY one /one", place, stores.Open(place));

        var target = new LayoutStore(_folder["layout"], ImageReference.Parse("akraino/validation"));
        var dockerfile = $"FROM {place} AS base\nCOPY two /two\nFROM base\nCOPY --from={place} /one /three";
        var child = await BuildAsync(stores, dockerfile, ImageReference.Parse("akraino/validation:1.0"), target);

        var layers = ImageManifest.Parse(await target.GetManifestAsync(child.Digest!, Never)).Layers;
        Assert.Equal(3, layers.Count);
        foreach (var layer in layers)
            Assert.True(await target.HasBlobAsync(layer.Digest, Never));
        Assert.Equal(("Registry", "Layout"), (parent.Location, child.Location));
        // The log comes through a pipe, a little later.
        var fetch = $"\"GET /v2/base/image/blobs/{layers[0].Digest} ";
        SpinWait.SpinUntil(() => _log.Any(line => line.Contains(fetch, StringComparison.Ordinal)), TimeSpan.FromSeconds(5));
        Assert.Single(_log, line => line.Contains(fetch, StringComparison.Ordinal));
        Assert.Equal("akraino/validation:1.0", $"{await target.GetIntendedNameAsync("1.0", Never)}");
    }

    private async Task<ArchImage> BuildAsync(ImageStores stores, string dockerfile, ImageReference reference, IImageStore target)
    {
        var request = new BuildRequest
        {
            Reference = reference,
            Platform = Platform.Parse("linux/arm64"),
            Dockerfile = _folder.Write("Dockerfile", dockerfile),
        };
        return await new DaemonlessBuilder(NullSink.Instance, place => stores.Open(place))
            .BuildAsync(request, new BuildContext(_folder["context"]), target, Never);
    }

    private async Task<string> StartAsync()
    {
        var port = FreePort();
        var config = _folder.Write("registry.yml", $$"""
            version: 0.1
            log: { accesslog: { disabled: false }, level: error }
            storage: { filesystem: { rootdirectory: '{{_folder["registry"]}}' } }
            http: { addr: '127.0.0.1:{{port.ToString(CultureInfo.InvariantCulture)}}' }
            """);
        _registry = new Process
        {
            StartInfo = new(Tool.Find("docker-registry")!, ["serve", config]) { RedirectStandardOutput = true, RedirectStandardError = true },
        };
        _registry.OutputDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        _registry.ErrorDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        _registry.Start();
        _registry.BeginOutputReadLine();
        _registry.BeginErrorReadLine();
        await AnswersAsync(port);
        return $"127.0.0.1:{port}";
    }

    private static async Task AnswersAsync(int port)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
