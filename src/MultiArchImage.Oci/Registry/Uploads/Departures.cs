using System.Collections.Concurrent;

namespace MultiArchImage.Oci.Registry.Uploads;

/// <summary>
/// Has blobs set out for a registry of this machine one after the other, so that they arrive one after the other: it writes the one to its disk while
/// the next still comes in, and not all at once when nothing else is left to do. A registry elsewhere is behind a network, which spaces them itself.
/// </summary>
/// <param name="time">The clock that waits.</param>
internal sealed class Departures(TimeProvider time)
{
    // More than arrives: registries hash each byte, and their processors are this machine's.
    internal static readonly long BytesPerSecond = Environment.ProcessorCount * 256L * 1024 * 1024;

    private readonly ConcurrentDictionary<string, long> _next = new(StringComparer.Ordinal);

    /// <summary>Waits for the moment to set out.</summary>
    /// <param name="registry">Host and port, as in references.</param>
    /// <param name="size">How many bytes will be sent: the next one waits for as long as they take at best.</param>
    /// <param name="cancel">Ends the wait.</param>
    public Task WaitAsync(string registry, long size, CancellationToken cancel)
    {
        if (!RegistryName.IsLoopback(registry))
            return Task.CompletedTask;
        var now = time.GetTimestamp();
        var length = (long)((double)size / BytesPerSecond * time.TimestampFrequency);
        var next = _next.AddOrUpdate(registry, now + length, (_, free) => Math.Max(free, now) + length);
        var wait = time.GetElapsedTime(now, next - length);
        return wait > TimeSpan.Zero ? Task.Delay(wait, time, cancel) : Task.CompletedTask;
    }
}
