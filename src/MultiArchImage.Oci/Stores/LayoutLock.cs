namespace MultiArchImage.Oci.Stores;

/// <summary>
/// The right to change a layout's <c>index.json</c>, one process at a time. The lock is that BuildKit takes too: <c>index.json.lock</c>, held
/// open exclusively (<c>flock</c> on Unix, a sharing mode on Windows), so that it ends with the process, however that ends.
/// </summary>
internal static class LayoutLock
{
    /// <summary>The name of the lock file. It is left behind: whoever removes it may take it from under one who just opened it.</summary>
    public const string FileName = "index.json.lock";

    // An update holds it for milliseconds; polling has no wake-up, so the pause is short.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Waits for the lock and takes it; disposing gives it back.</summary>
    /// <param name="path">The lock file.</param>
    /// <param name="place">The layout or archive, for the error.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="LayoutBusyException">Others held it all the time.</exception>
    public static async Task<IDisposable> TakeAsync(string path, string place, TimeSpan limit, CancellationToken cancel)
    {
        var end = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
            }
            catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException))
            {
                if (Environment.TickCount64 > end)
                    throw new LayoutBusyException(place, limit, e);
                await Task.Delay(Pause, cancel).ConfigureAwait(false);
            }
        }
    }
}
