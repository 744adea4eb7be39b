using System.Formats.Tar;
using MultiArchImage.Building.Context;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Testbed;

namespace MultiArchImage.Building.Tests.Context;

public sealed class BuildContextTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Equal_contexts_give_equal_archives_of_root_s_files()
    {
        var deep = string.Join('/', Enumerable.Repeat("a-folder-with-a-long-name", 8)) + "/ü.txt";
        foreach (var name in new[] { "z.txt", "Dockerfile", deep, "empty" })
            File.SetLastWriteTimeUtc(_folder.Write($"context/{name}", name == "empty" ? "" : name), DateTime.UnixEpoch.AddDays(1));
        var archive = await WriteAsync("Dockerfile");
        Assert.Equal(archive, await WriteAsync("Dockerfile"));

        var entries = Read(archive);
        Assert.Equal("./", entries[0].Name);
        Assert.Equal(entries.Skip(1).Select(entry => entry.Name).Order(StringComparer.Ordinal), entries.Skip(1).Select(entry => entry.Name));
        Assert.All(entries, entry => Assert.Equal((0, 0), (entry.Uid, entry.Gid)));
        Assert.Equal(deep, entries.Single(entry => entry.Name == deep).Content);
        Assert.Equal("", entries.Single(entry => entry.Name == "empty").Content);
    }

    [Fact]
    public async Task A_Dockerfile_that_is_ignored_is_sent_under_a_name_of_its_own()
    {
        _folder.Write("context/Dockerfile", "FROM scratch");
        _folder.Write("context/.dockerignore", "*");
        var entries = Read(await WriteAsync("Dockerfile"));
        Assert.Equal(["./", BuildContext.ForeignDockerfile], entries.Select(entry => entry.Name));
        Assert.Equal("FROM scratch", entries[1].Content);
    }

    [Fact]
    [Needs(Part.UnixFiles)]
    public async Task A_Dockerfile_elsewhere_that_is_a_link_is_sent_with_its_content()
    {
        _folder.Write("context/a", "x");
        File.CreateSymbolicLink(_folder["Dockerfile"], _folder.Write("mounted/Dockerfile", "FROM scratch"));
        var entry = Read(await WriteAsync(_folder["Dockerfile"])).Single(entry => entry.Name == BuildContext.ForeignDockerfile);
        Assert.Equal("FROM scratch", entry.Content);
    }

    [Fact]
    [Needs(Part.Git)]
    public async Task A_repository_s_link_to_a_file_of_this_machine_is_not_followed()
    {
        var url = await RepositoryAsync();
        File.CreateSymbolicLink(_folder["repository", "Dockerfile"], _folder.Write("secret", "s3cret"));
        _folder.Write("repository/.dockerignore", "*");
        await Tool.RunAsync("git", "-C", _folder["repository"], "add", "--all");
        await Tool.RunAsync(
            "git", "-C", _folder["repository"], "-c", "user.name=t", "-c", "user.email=t@example", "commit", "--quiet", "--message", "x");
        using var context = await BuildContext.OpenAsync(url, NullSink.Instance, Cancel);
        using var output = new MemoryStream();
        await context.WriteTarAsync(output, "Dockerfile", Cancel);
        Assert.All(Read(output.ToArray()), entry => Assert.Equal("", entry.Content));
    }

    [Fact]
    [Needs(Part.UnixFiles)]
    public async Task A_pipe_of_the_context_stops_nothing()
    {
        _folder.Write("context/Dockerfile", "FROM scratch");
        await Tool.RunAsync("mkfifo", _folder["context", "pipe"]);
        Assert.Contains(Read(await WriteAsync("Dockerfile")), entry => entry is { Name: "pipe", Content: "" });
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_named()
    {
        var failure = await Assert.ThrowsAsync<BuildContextException>(() => BuildContext.OpenAsync(_folder["none"], NullSink.Instance, Cancel));
        Assert.Contains(_folder["none"], failure.Message);
    }

    [Fact]
    [Needs(Part.Git)]
    public async Task A_repository_is_cloned_at_a_reference_and_gone_with_the_context()
    {
        var url = await RepositoryAsync();
        string folder;
        using (var context = await BuildContext.OpenAsync($"{url}#old:sub", NullSink.Instance, Cancel))
        {
            folder = context.Folder;
            Assert.Equal(["Dockerfile"], context.Entries("Dockerfile").Select(entry => entry.Path));
            Assert.Equal("FROM old", await File.ReadAllTextAsync(Path.Combine(folder, "Dockerfile"), Cancel));
        }
        Assert.False(Directory.Exists(folder));

        using var head = await BuildContext.OpenAsync(url, NullSink.Instance, Cancel);
        Assert.Equal(["link", "sub", "sub/Dockerfile"], head.Entries("Dockerfile").Select(entry => entry.Path));
        Assert.Equal("FROM new", await File.ReadAllTextAsync(Path.Combine(head.Folder, "sub", "Dockerfile"), Cancel));
    }

    [Fact]
    [Needs(Part.Git)]
    public async Task A_submodule_s_relative_URL_is_relative_to_the_repository()
    {
        var url = await RepositoryAsync();
        // The gitlink alone, whose clone git refuses from a folder: the failure names where git looked.
        _folder.Write("repository/.gitmodules", "[submodule \"lib\"]\n\tpath = lib\n\turl = ../no-such-lib\n");
        await Tool.RunAsync("git", "-C", _folder["repository"], "update-index", "--add", "--cacheinfo", $"160000,{new string('1', 40)},lib");
        await Tool.RunAsync("git", "-C", _folder["repository"], "add", ".gitmodules");
        await Tool.RunAsync(
            "git", "-C", _folder["repository"], "-c", "user.name=t", "-c", "user.email=t@example", "commit", "--quiet", "--message", "x");
        var failure = await Assert.ThrowsAsync<BuildContextException>(() => BuildContext.OpenAsync(url, NullSink.Instance, Cancel));
        Assert.Contains(_folder["no-such-lib"], failure.Message);
    }

    [Theory]
    [InlineData("#HEAD:none", "has no folder none")]
    [InlineData("#HEAD:../..", "has no folder")]
    [InlineData("#HEAD:link", "has no folder link")]
    [InlineData("#none", "cannot be cloned")]
    [InlineData("#--upload-pack=x", "has no reference")]
    [Needs(Part.Git)]
    public async Task A_place_that_is_not_in_the_repository_is_refused(string fragment, string reason)
    {
        var url = await RepositoryAsync();
        var failure = await Assert.ThrowsAsync<BuildContextException>(() => BuildContext.OpenAsync(url + fragment, NullSink.Instance, Cancel));
        Assert.Contains(reason, failure.Message);
    }

    [Fact]
    public async Task A_secret_in_a_URL_is_not_told()
    {
        var failure = await Assert.ThrowsAsync<BuildContextException>(
            () => BuildContext.OpenAsync("https://anna:s3cret@127.0.0.1:1/app.git", NullSink.Instance, Cancel));
        Assert.DoesNotContain("s3cret", failure.ToString());
        Assert.Contains("127.0.0.1:1/app.git", failure.Message);
    }

    [Fact]
    public void A_secret_is_not_told_in_the_URL_of_a_submodule_either()
    {
        Assert.True(GitSource.TryParse("https://anna:s3cret@git.example/team/app.git", out var source));
        Assert.Equal(
            "clone of 'https://git.example/team/lib.git' failed", source.Redact("clone of 'https://anna:s3cret@git.example/team/lib.git' failed"));
    }

    private async Task<string> RepositoryAsync()
    {
        var repository = _folder["repository"];
        _folder.Write("repository/sub/Dockerfile", "FROM old");
        await GitAsync("init", "--quiet", "--initial-branch=main");
        await CommitAsync();
        await GitAsync("tag", "old");
        _folder.Write("repository/sub/Dockerfile", "FROM new");
        File.CreateSymbolicLink(Path.Combine(repository, "link"), "/");
        await CommitAsync();
        return $"file://{repository}";

        async Task CommitAsync()
        {
            await GitAsync("add", "--all");
            await GitAsync("-c", "user.name=t", "-c", "user.email=t@example", "commit", "--quiet", "--message", "x");
        }

        Task GitAsync(params string[] arguments) => Tool.RunAsync("git", ["-C", repository, .. arguments]);
    }

    private async Task<byte[]> WriteAsync(string dockerfile)
    {
        using var context = new BuildContext(_folder["context"]);
        using var output = new MemoryStream();
        await context.WriteTarAsync(output, dockerfile, Cancel);
        return output.ToArray();
    }

    private static List<(string Name, int Uid, int Gid, string Content)> Read(byte[] archive)
    {
        using var reader = new TarReader(new MemoryStream(archive));
        var entries = new List<(string, int, int, string)>();
        while (reader.GetNextEntry(copyData: true) is { } entry)
            entries.Add((entry.Name, entry.Uid, entry.Gid, entry.DataStream is null ? "" : new StreamReader(entry.DataStream).ReadToEnd()));
        return entries;
    }
}
