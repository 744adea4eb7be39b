using System.Management.Automation;
using System.Security.Cryptography;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Pipeline;

/// <summary>What a user sees of a push while it goes on, and when it is done.</summary>
[Needs(Part.HttpListener)]
public sealed class ProgressTests : IDisposable
{
    private const int LayerSize = 32 * 1024 * 1024;

    private const string Push = """
        $registry = Start-ArchRegistry
        try { New-ArchImage app -Repository $registry/app -Tag '1.0-{arch}' -Platform linux/amd64 -Output oci:build | Publish-ArchImage }
        finally { $registry | Stop-ArchRegistry }
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly PowerShellSession _session = new();

    public ProgressTests()
    {
        _session.Location = _folder.Path;
        _folder.Write("app/Dockerfile", "FROM scratch\nCOPY data /");
        // Random, so that the layer is as large.
        File.WriteAllBytes(_folder["app/data"], RandomNumberGenerator.GetBytes(LayerSize));
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_large_layer_is_shown_below_its_image_and_all_is_taken_away_at_the_end()
    {
        var records = (await _session.RunAsync(Push)).WithoutErrors().Progress.Where(record => !record.Activity.StartsWith("Building", StringComparison.Ordinal)).ToList();
        var image = records.First(record => record.Activity.StartsWith("Copying to", StringComparison.Ordinal));
        Assert.Equal(-1, image.ParentActivityId);
        Assert.Contains(records, record => record.ParentActivityId == image.ActivityId && record.Activity.StartsWith("sha256:", StringComparison.Ordinal));
        Assert.All(records.GroupBy(record => record.ActivityId), bar => Assert.Equal(ProgressRecordType.Completed, bar.Last().RecordType));
    }

    [Fact]
    public async Task It_is_silent_where_that_is_wanted() =>
        Assert.Empty((await _session.RunAsync($"$ProgressPreference = 'SilentlyContinue'; {Push}")).WithoutErrors().Progress);

    [Fact]
    public async Task What_came_of_it_is_a_line_for_those_who_want_to_know()
    {
        var told = (await _session.RunAsync($"$InformationPreference = 'Continue'; {Push}")).WithoutErrors().Information.Select(record => $"{record}").ToList();
        Assert.Collection(
            told,
            line => Assert.Matches(@"^Built oci:.*build:1\.0-amd64 for linux/amd64, 33\.\d MB, in \d+\.\d s$", line),
            line => Assert.Matches(@"^Published 127\.0\.0\.1:\d+/app:1\.0-amd64 for linux/amd64, 33\.\d MB, in \d+\.\d s$", line));
    }
}
