namespace MultiArchImage.Oci.Stores;

/// <summary>A file that appears under its final name only when it is whole.</summary>
internal static class WholeFile
{
    /// <summary>A writer that wrote nothing for a day is gone, and what it left can be removed.</summary>
    public static readonly TimeSpan TemporaryLifetime = TimeSpan.FromDays(1);

    /// <summary>Brings a file there: <paramref name="write"/> gets a temporary one, which takes the final name if that returned without a failure.</summary>
    /// <param name="temporary">Its name until then, on the same disk.</param>
    /// <param name="finalPath">Its final name; the folders above it are made.</param>
    /// <param name="write">Writes it.</param>
    /// <param name="cancel">Ends the waiting for readers, where they are in the way.</param>
    public static async Task WriteAsync(string temporary, string finalPath, Func<Stream, Task> write, CancellationToken cancel)
    {
        try
        {
            var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.Asynchronous);
            await using (file.ConfigureAwait(false))
                await write(file).ConfigureAwait(false);
            Directory.CreateDirectory(Path.GetDirectoryName(finalPath)!);
            await RenameAsync(temporary, finalPath, cancel).ConfigureAwait(false);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Gives a file that is whole its final name. Windows does not replace a file that somebody reads at that moment: it is tried again.</summary>
    public static async Task RenameAsync(string temporary, string finalPath, CancellationToken cancel)
    {
        const int tries = 100;
        var pause = TimeSpan.FromMilliseconds(10);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                File.Move(temporary, finalPath, overwrite: true);
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException && OperatingSystem.IsWindows() && attempt < tries)
            {
                await Task.Delay(pause, cancel).ConfigureAwait(false);
            }
        }
    }
}
