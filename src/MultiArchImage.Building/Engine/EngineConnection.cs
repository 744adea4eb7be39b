using MultiArchImage.Oci.Activity;

namespace MultiArchImage.Building.Engine;

/// <summary>The engine that a command works with, connected to when it is first needed, and once.</summary>
/// <param name="dockerHost">Where it is; null asks the environment (see <see cref="EngineEndpoint"/>).</param>
/// <param name="sink">Told what the engine does.</param>
public sealed class EngineConnection(string? dockerHost, IActivitySink sink) : IDisposable
{
    private readonly SemaphoreSlim _once = new(1);
    private DockerEngine? _engine;

    /// <summary>The engine.</summary>
    /// <exception cref="EngineUnavailableException">None answers.</exception>
    public async Task<DockerEngine> OpenAsync(CancellationToken cancel)
    {
        await _once.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return _engine ??= await DockerEngine.ConnectAsync(dockerHost, sink, cancel).ConfigureAwait(false);
        }
        finally
        {
            _once.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _engine?.Dispose();
        _once.Dispose();
    }
}
