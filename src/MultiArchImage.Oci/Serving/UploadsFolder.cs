using System.Security.Cryptography;
using System.Text;

namespace MultiArchImage.Oci.Serving;

/// <summary>
/// The uploads that are not finished, each a file. Those that nobody goes on with are removed when a server starts and, at most once an hour,
/// when an upload begins (distribution-spec: Canceling a blob upload: "the server SHOULD eventually timeout unfinished uploads").
/// </summary>
internal sealed class UploadsFolder
{
    // An upload that nobody touched for a day is nobody's.
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromHours(1);

    private readonly string _path;
    private readonly TimeProvider _time;
    private long _nextSweep;

    /// <param name="path">The folder, absolute; it is made where it is not there.</param>
    /// <param name="time">What time it is.</param>
    public UploadsFolder(string path, TimeProvider time)
    {
        (_path, _time) = (path, time);
        Directory.CreateDirectory(path);
        RemoveAbandoned();
    }

    /// <summary>A new upload.</summary>
    /// <param name="repository">The repository that it is for.</param>
    public UploadSession Begin(string repository)
    {
        RemoveAbandoned();
        var session = Session(repository, Guid.NewGuid().ToString("N"));
        File.Create(session.Path).Dispose();
        return session;
    }

    /// <summary>An upload that was begun; null where there is none of that name for the repository.</summary>
    public UploadSession? Find(string repository, string id) =>
        Guid.TryParseExact(id, "N", out var known) && Session(repository, known.ToString("N")) is var session && File.Exists(session.Path) ? session : null;

    // The repository is part of the file's name, as a hash: its own may be too long.
    private UploadSession Session(string repository, string id) =>
        new(id, Path.Combine(_path, $"{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(repository)))[..16]}-{id}"));

    private void RemoveAbandoned()
    {
        var now = _time.GetUtcNow();
        var due = Volatile.Read(ref _nextSweep);
        // Of several requests that come when it is due, one does it.
        if (now.UtcTicks < due || Interlocked.CompareExchange(ref _nextSweep, (now + SweepInterval).UtcTicks, due) != due)
            return;
        foreach (var file in new DirectoryInfo(_path).EnumerateFiles().Where(file => file.LastWriteTimeUtc < (now - Lifetime).UtcDateTime))
            Remove(file);
    }

    private static void Remove(FileInfo file)
    {
        try
        {
            file.Delete();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another user's, or another server's that removes it too; it disturbs nobody.
        }
    }
}
