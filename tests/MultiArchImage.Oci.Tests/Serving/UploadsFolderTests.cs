using Microsoft.Extensions.Time.Testing;
using MultiArchImage.Oci.Serving;
using MultiArchImage.Testbed;

namespace MultiArchImage.Oci.Tests.Serving;

/// <summary>distribution-spec: Canceling a blob upload: unfinished uploads end some time.</summary>
public sealed class UploadsFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_nobody_touched_for_a_day_is_removed_when_another_begins()
    {
        var uploads = new UploadsFolder(_folder["uploads"], _time);
        var (left, used) = (uploads.Begin("team/app"), uploads.Begin("team/app"));
        Assert.NotNull(left.TryClose());
        _time.Advance(TimeSpan.FromHours(25));
        File.SetLastWriteTimeUtc(used.Path, _time.GetUtcNow().UtcDateTime);
        var begun = uploads.Begin("team/app");
        Assert.Equal(new[] { used.Path, begun.Path }.Order(), Directory.GetFiles(_folder["uploads"]).Order());
        Assert.Null(uploads.Find("team/app", left.Id));
    }

    [Fact]
    public void Another_server_removes_them_when_it_starts()
    {
        var left = new UploadsFolder(_folder["uploads"], _time).Begin("team/app");
        _ = new UploadsFolder(_folder["uploads"], _time);
        Assert.True(File.Exists(left.Path));
        _time.Advance(TimeSpan.FromHours(25));
        _ = new UploadsFolder(_folder["uploads"], _time);
        Assert.False(File.Exists(left.Path));
    }
}
