using System.Formats.Tar;
using System.IO.Compression;
using MultiArchImage.Building.Daemonless;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Testbed;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Building.Tests.Daemonless;

public sealed class DaemonlessBuilderTests : IDisposable
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private readonly TemporaryFolder _folder = new();
    private readonly RecordingSink _sink = new();
    private readonly LayoutStore _target;

    public DaemonlessBuilderTests()
    {
        _target = new LayoutStore(_folder["layout"]);
        File("bin-amd64", "I am amd64");
        File("bin-arm64", "I am arm64");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task One_Dockerfile_gives_an_image_for_each_architecture()
    {
        const string dockerfile = """
            FROM scratch
            ARG TARGETARCH
            COPY bin-$TARGETARCH /bin/answer
            ENTRYPOINT ["/bin/answer"]
            """;
        foreach (var architecture in new[] { "amd64", "arm64" })
        {
            var image = await BuildAsync(dockerfile, architecture);
            Assert.Equal($"oci:{_folder["layout"]}:{architecture}-latest", image.Reference);
            Assert.Equal(("docker.io", "akraino/validation"), (image.Registry, image.Repository));
            Assert.Equal(($"linux/{architecture}", architecture, "Layout"), (image.Platform, image.Architecture, image.Location));
            Assert.Equal(MediaTypes.OciManifest, image.MediaType);
            var files = await FilesAsync(image);
            Assert.Equal(["bin/", "bin/answer"], files.Keys);
            Assert.Equal($"I am {architecture}", files["bin/answer"].Content);
            Assert.Equal(image.ImageId, (await ManifestAsync(image)).Config.Digest.ToString());
            Assert.Equal((await ManifestAsync(image)).ContentSize, image.Size);
        }
    }

    [SkopeoFact]
    public async Task Skopeo_sees_what_the_Dockerfile_says()
    {
        var image = await BuildAsync("""
            FROM scratch
            ARG VERSION=0 NAME="the answer"
            ENV A=1 B="two words" C=$VERSION
            ENV old form
            LABEL version=$VERSION "org.example.name"=$NAME
            WORKDIR /srv
            WORKDIR app
            COPY bin-amd64 .
            USER 1000:1000
            EXPOSE 80 443/tcp 5000-5002/udp
            VOLUME ["/data", "/more data"]
            VOLUME /var/a /var/b
            STOPSIGNAL SIGINT
            SHELL ["/bin/bash", "-c"]
            ENTRYPOINT exec ./bin-amd64 "$A"
            CMD ["--help", "$A"]
            """, buildArguments: new() { ["VERSION"] = "1.2" }, labels: new() { ["given"] = "yes" });
        var config = JObject.Parse(await Tool.RunAsync("skopeo", "inspect", "--config", image.Reference));
        var run = (JObject)config["config"]!;
        Assert.Equal(["A=1", "B=two words", "C=1.2", "old=form"], run["Env"]!.Values<string>().Skip(1));
        Assert.StartsWith("PATH=", (string?)run["Env"]![0], StringComparison.Ordinal);
        Assert.True(JToken.DeepEquals(run["Labels"], new JObject { ["version"] = "1.2", ["org.example.name"] = "the answer", ["given"] = "yes" }));
        Assert.Equal("/srv/app", (string?)run["WorkingDir"]);
        Assert.Equal("1000:1000", (string?)run["User"]);
        Assert.Equal(["443/tcp", "5000/udp", "5001/udp", "5002/udp", "80/tcp"], Names(run["ExposedPorts"]));
        Assert.Equal(["/data", "/more data", "/var/a", "/var/b"], Names(run["Volumes"]));
        Assert.Equal("SIGINT", (string?)run["StopSignal"]);
        Assert.Equal("""["/bin/bash","-c","exec ./bin-amd64 \"$A\""]""", Compact(run["Entrypoint"]));
        Assert.Equal("""["--help","$A"]""", Compact(run["Cmd"]));
        Assert.Equal(14, config["history"]!.Count());
        Assert.Equal(config["rootfs"]!["diff_ids"]!.Count(), config["history"]!.Count(step => step["empty_layer"] is null));
        Assert.Equal("1.2", image.Labels["version"]);

        var inspected = JObject.Parse(await Tool.RunAsync("skopeo", "inspect", image.Reference));
        Assert.Equal(image.Digest, (string?)inspected["Digest"]);
        await Tool.RunAsync("skopeo", "copy", image.Reference, $"dir:{_folder["copied"]}");
    }

    [Fact]
    public async Task The_same_input_gives_the_same_digest()
    {
        const string dockerfile = "FROM scratch\nWORKDIR /srv\nCOPY . /all/\nCMD [\"x\"]";
        Directory.CreateDirectory(_folder["context", "sub", "empty"]);
        File("sub/" + new string('n', 120), "a long name");
        var first = await BuildAsync(dockerfile);
        await Task.Delay(1100, Never);
        var second = await BuildAsync(dockerfile, target: new LayoutStore(_folder["other"]));
        Assert.Equal(first.Digest, second.Digest);
        Assert.Contains("all/sub/empty/", (await FilesAsync(first)).Keys);
    }

    [Fact]
    public async Task What_is_built_into_the_context_is_not_part_of_it()
    {
        var output = new LayoutStore(_folder["context", "out"]);
        var first = await BuildAsync("FROM scratch\nCOPY . /\n", target: output);
        var second = await BuildAsync("FROM scratch\nCOPY . /\n", target: output);
        Assert.Equal(first.Digest, second.Digest);
    }

    [Fact]
    public async Task Source_date_epoch_bounds_every_time()
    {
        const string dockerfile = "FROM scratch\nWORKDIR /srv\nCOPY bin-* /all/";
        var bound = DateTimeOffset.FromUnixTimeSeconds(1_000_000_000);
        System.IO.File.SetLastWriteTimeUtc(_folder["context", "bin-amd64"], bound.UtcDateTime.AddYears(-1));
        var image = await BuildAsync(dockerfile, buildArguments: new() { ["SOURCE_DATE_EPOCH"] = "1000000000" });
        Assert.Equal(bound.UtcDateTime, image.Created);
        var files = await FilesAsync(image);
        Assert.Equal(bound.AddYears(-1), files["all/bin-amd64"].Entry.ModificationTime);
        Assert.Equal(bound, files["all/bin-arm64"].Entry.ModificationTime);
        Assert.Equal(bound, files["srv/"].Entry.ModificationTime);
        Assert.Empty(_sink.Warnings);
        await Assert.ThrowsAsync<DockerfileException>(() => BuildAsync(dockerfile, buildArguments: new() { ["SOURCE_DATE_EPOCH"] = "yesterday" }));
    }

    [Fact]
    public async Task Stages_pass_files_on_and_only_the_needed_ones_are_built()
    {
        var image = await BuildAsync("""
            ARG WHICH=first
            FROM scratch AS first
            COPY bin-amd64 /out/first
            FROM scratch AS unused
            RUN this is never needed
            FROM $WHICH AS second
            COPY bin-arm64 /out/second
            FROM scratch
            COPY --from=second /out /got
            COPY --from=0 /out/first /zero
            """);
        Assert.Equal(["got/", "got/first", "got/second", "zero"], (await FilesAsync(image)).Keys.Order(StringComparer.Ordinal));
        Assert.Equal(2, (await ManifestAsync(image)).Layers.Count);
    }

    [Fact]
    public async Task A_target_is_the_stage_of_that_name()
    {
        const string dockerfile = "FROM scratch AS a\nCOPY bin-amd64 /a\nFROM scratch AS b\nCOPY bin-amd64 /b\n";
        Assert.Equal(["a"], (await FilesAsync(await BuildAsync(dockerfile, stage: "A"))).Keys);
        var failure = await Assert.ThrowsAsync<DockerfileException>(() => BuildAsync(dockerfile, stage: "c"));
        Assert.Contains("no stage is called 'c'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Needs(Part.UnixFiles)]
    public async Task An_image_can_start_from_one_of_a_layout()
    {
        File("passwd", "root:x:0:0::/:/bin/sh\napp:x:77:78::/:/bin/sh\n");
        File("group", "root:x:0:\nstaff:x:99:\n");
        Directory.CreateDirectory(_folder["context", "usr", "lib"]);
        System.IO.File.CreateSymbolicLink(_folder["context", "lib"], "usr/lib");
        var parent = await BuildAsync("""
            FROM scratch
            COPY passwd group /etc/
            COPY . /tree
            COPY usr /usr
            WORKDIR /home
            ENV A=1 B=2
            LABEL from=base
            USER app
            ENTRYPOINT ["/old"]
            CMD ["old"]
            """, tag: "base");
        var image = await BuildAsync("""
            FROM oci:../layout:base
            ENV B=3
            COPY --chown=app:staff --chmod=4750 bin-amd64 /tree/lib/answer
            COPY --chown=app bin-arm64 data
            ENTRYPOINT ["/new"]
            """, tag: "child");
        var (below, above) = (await ManifestAsync(parent), await ManifestAsync(image));
        Assert.Equal(below.Layers, above.Layers.Take(below.Layers.Count));
        var config = await ConfigAsync(image);
        Assert.Equal(["A=1", "B=3"], config.Environment.Skip(1));
        Assert.Equal(["/new"], config.Entrypoint);
        Assert.Empty(config.Command);
        Assert.Equal("base", config.Labels["from"]);
        Assert.Equal(9 + 4, config.Json["history"]!.Count());

        var files = await FilesAsync(image, skip: below.Layers.Count);
        // The parent's link is followed, and folders that it has do not come again.
        Assert.Equal(["home/data", "tree/usr/lib/answer"], files.Keys.Order(StringComparer.Ordinal));
        var answer = files["tree/usr/lib/answer"].Entry;
        Assert.Equal((77, 99, "4750"), (answer.Uid, answer.Gid, Convert.ToString((int)answer.Mode, 8)));
        Assert.Equal((77, 77), (files["home/data"].Entry.Uid, files["home/data"].Entry.Gid));
    }

    [Fact]
    public async Task A_copy_from_an_image_takes_its_files_and_owners()
    {
        await BuildAsync("FROM scratch\nCOPY --chown=5:6 bin-amd64 bin-arm64 /out/", tag: "tools");
        var image = await BuildAsync("FROM scratch\nARG FROM=oci:../layout:tools\nCOPY --from=$FROM /out/bin-a*64 /bin/");
        var files = await FilesAsync(image);
        Assert.Equal("I am arm64", files["bin/bin-arm64"].Content);
        Assert.Equal((5, 6), (files["bin/bin-arm64"].Entry.Uid, files["bin/bin-arm64"].Entry.Gid));
    }

    [Fact]
    public async Task A_base_that_is_a_fat_manifest_gives_the_image_of_the_platform()
    {
        var entries = new List<Descriptor>();
        foreach (var architecture in new[] { "amd64", "arm64" })
        {
            var image = await BuildAsync("FROM scratch\nARG TARGETARCH\nCOPY bin-$TARGETARCH /who", architecture);
            entries.Add(new Descriptor(image.MediaType!, Digest.Parse(image.Digest!), image.ManifestSize) { Platform = Platform.Parse(image.Platform) });
        }
        await _target.PutManifestAsync(ImageIndex.Create(MediaTypes.OciIndex, entries).Document, ["fat"], Never);

        var child = await BuildAsync("FROM oci:../layout:fat\nENV X=1", "arm64", tag: "child");
        Assert.Equal("linux/arm64", child.Platform);
        Assert.Equal("I am arm64", (await FilesAsync(child))["who"].Content);

        var pinned = await Assert.ThrowsAsync<DockerfileException>(() => BuildAsync("FROM --platform=linux/amd64 oci:../layout:fat", "arm64"));
        Assert.Contains("linux/amd64, but linux/arm64 is built", pinned.Message, StringComparison.Ordinal);
        var missing = await Assert.ThrowsAsync<DockerfileException>(() => BuildAsync("FROM oci:../layout:fat", "s390x"));
        Assert.Contains("has no image for linux/s390x; it has linux/amd64, linux/arm64", missing.Message, StringComparison.Ordinal);
        var single = await Assert.ThrowsAsync<DockerfileException>(() => BuildAsync("FROM oci:../layout:amd64-latest", "arm64"));
        Assert.Contains("is an image for linux/amd64, not for linux/arm64", single.Message, StringComparison.Ordinal);
        var build = await BuildAsync("FROM --platform=$BUILDPLATFORM scratch AS b\nCOPY bin-arm64 /x\nFROM scratch\nCOPY --from=b /x /y", "s390x");
        Assert.Equal("linux/s390x", build.Platform);
    }

    [SkopeoFact]
    public async Task A_layer_of_other_writers_can_be_built_upon()
    {
        // Docker's media types, hard links and whiteouts, as an engine writes them.
        using (var tar = new TarWriter(System.IO.File.Create(_folder["lower.tar"]), TarEntryFormat.Pax))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "./etc/") { Mode = TreeEntry.FolderMode });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "./etc/one") { DataStream = new MemoryStream("one"u8.ToArray()) });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "./etc/two") { LinkName = "./etc/one" });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "./etc/gone"));
        }
        using (var tar = new TarWriter(System.IO.File.Create(_folder["upper.tar"]), TarEntryFormat.Ustar))
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "etc/.wh.gone"));
        await PutRawAsync("docker", [_folder["lower.tar"], _folder["upper.tar"]]);

        var image = await BuildAsync("FROM oci:../layout:docker AS base\nFROM scratch\nCOPY --from=base /etc /etc\nCOPY --from=base /etc/two /two");
        var files = await FilesAsync(image);
        Assert.Equal(["etc/", "etc/one", "etc/two", "two"], files.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("one", files["two"].Content);

        var child = await BuildAsync("FROM oci:../layout:docker\nENV X=1", tag: "child");
        Assert.All((await ManifestAsync(child)).Layers, layer => Assert.Equal(MediaTypes.OciLayerGzip, layer.MediaType));
        await Tool.RunAsync("skopeo", "inspect", child.Reference);
    }

    [Fact]
    public async Task A_damaged_base_layer_is_named()
    {
        var image = await BuildAsync("FROM scratch\nCOPY bin-amd64 /x", tag: "base");
        var layer = (await ManifestAsync(image)).Layers[0];
        await System.IO.File.WriteAllBytesAsync(_folder["layout", "blobs", "sha256", layer.Digest.Hex], new byte[layer.Size], Never);
        var failure = await Assert.ThrowsAsync<DigestMismatchException>(() => BuildAsync("FROM oci:../layout:base\nCOPY bin-amd64 /y"));
        Assert.Contains(layer.Digest.ToString(), failure.Message, StringComparison.Ordinal);
    }

    public static TheoryData<TarEntryType, string, string, string> EvilEntries => new()
    {
        { TarEntryType.RegularFile, "a/../../evil", "", "leads out of the image" },
        { TarEntryType.RegularFile, "/../evil", "", "leads out of the image" },
        { TarEntryType.HardLink, "evil", "../../etc/passwd", "leads out of the image" },
        { TarEntryType.RegularFile, string.Join('/', Enumerable.Repeat("a", 2000)), "", "2000 folders" },
        { TarEntryType.RegularFile, new string('x', 5000), "", "5000 characters" },
    };

    [Theory, MemberData(nameof(EvilEntries))]
    public async Task A_layer_with_a_path_that_leads_out_or_has_no_end_is_refused(TarEntryType type, string path, string target, string reason)
    {
        using (var tar = new TarWriter(System.IO.File.Create(_folder["evil.tar"])))
            tar.WriteEntry(type == TarEntryType.HardLink ? new PaxTarEntry(type, path) { LinkName = target } : new PaxTarEntry(type, path));
        await PutRawAsync("evil", [_folder["evil.tar"]]);
        var failure = await Assert.ThrowsAsync<InvalidImageException>(() => BuildAsync("FROM oci:../layout:evil\nCOPY bin-amd64 /y"));
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_layer_says_with_absolute_paths_and_links_stays_in_the_image()
    {
        using (var tar = new TarWriter(System.IO.File.Create(_folder["evil.tar"])))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "/etc/absolute") { DataStream = new MemoryStream("inside"u8.ToArray()) });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "out") { LinkName = "../../../../etc" });
        }
        await PutRawAsync("evil", [_folder["evil.tar"]]);
        var files = await FilesAsync(await BuildAsync("FROM oci:../layout:evil AS base\nFROM scratch\nCOPY --from=base /out/absolute /copied\nCOPY --from=base /etc /etc"));
        Assert.Equal(("inside", "inside"), (files["copied"].Content, files["etc/absolute"].Content));
        await Assert.ThrowsAsync<DockerfileException>(() => BuildAsync("FROM oci:../layout:evil AS base\nFROM scratch\nCOPY --from=base /out/passwd /copied"));
    }

    [Fact]
    public async Task A_base_with_triggers_needs_an_engine()
    {
        await PutRawAsync("triggers", [], """{"OnBuild":["COPY . /"]}""");
        var failure = await Assert.ThrowsAsync<DockerfileException>(() => BuildAsync("FROM oci:../layout:triggers"));
        Assert.Contains("ONBUILD", failure.Message, StringComparison.Ordinal);
    }

    [EngineFact]
    public async Task An_engine_unpacks_what_was_built()
    {
        var image = await BuildAsync("FROM scratch\nWORKDIR /srv\nCOPY --chown=7:8 --chmod=640 bin-amd64 answer\nCMD [\"x\"]");
        var name = $"multiarchimage-test:{Guid.NewGuid():N}";
        await Tool.RunAsync("skopeo", "copy", "--dest-daemon-host", Requirements.DockerHost!, image.Reference, $"docker-daemon:{name}");
        var container = (await Tool.RunAsync("docker", "-H", Requirements.DockerHost!, "create", name)).Trim();
        try
        {
            await Tool.RunAsync("docker", "-H", Requirements.DockerHost!, "export", "-o", _folder["export.tar"], container);
            await using var tar = new TarReader(System.IO.File.OpenRead(_folder["export.tar"]));
            var entry = await tar.GetNextEntryAsync(cancellationToken: Never);
            while (entry?.Name != "srv/answer")
                entry = await tar.GetNextEntryAsync(cancellationToken: Never) ?? throw new InvalidOperationException("srv/answer is not there");
            Assert.Equal((7, 8, "640"), (entry.Uid, entry.Gid, Convert.ToString((int)entry.Mode, 8)));
        }
        finally
        {
            await Tool.RunAsync("docker", "-H", Requirements.DockerHost!, "rm", container);
            await Tool.RunAsync("docker", "-H", Requirements.DockerHost!, "rmi", name);
        }
    }

    [Theory]
    [InlineData("FROM scratch\nRUN make", 2, "RUN needs a Docker Engine; build without -Output, or move the work before the build")]
    [InlineData("FROM scratch\nADD https://example.com/x /x", 2, "write COPY")]
    [InlineData("FROM scratch\nHEALTHCHECK NONE", 2, "Docker's own image format")]
    [InlineData("FROM scratch\nONBUILD COPY a b", 2, "ONBUILD is of Docker's own")]
    [InlineData("FROM scratch\nCOPY <<EOF /x\nhello\nEOF", 2, "here-document")]
    [InlineData("FROM scratch\nCOPY none /x", 2, "'none' is not in the build context")]
    [InlineData("FROM scratch\nCOPY bin-amd64", 2, "needs a source and a destination")]
    [InlineData("FROM scratch\nCOPY --parents bin-amd64 /x", 2, "--parents is not understood")]
    [InlineData("FROM scratch\nCOPY --chown=app bin-amd64 /x", 2, "/etc/passwd has no 'app'")]
    [InlineData("FROM scratch\nCOPY --chown=1:x bin-amd64 /x", 2, "/etc/group has no 'x'")]
    [InlineData("FROM scratch\nCOPY --chmod=u+x bin-amd64 /x", 2, "'u+x' is no mode")]
    [InlineData("FROM scratch\nCOPY --from=No/Such /x /x", 2, "neither an earlier stage nor an image reference")]
    [InlineData("FROM $NONE", 1, "neither an earlier stage nor an image reference")]
    [InlineData("FROM --platform=what scratch", 1, "'what' is no platform")]
    [InlineData("FROM --platform=windows/amd64 scratch", 1, "Windows")]
    [InlineData("FROM scratch\nENV a=1 b", 2, "'b' is not name=value")]
    [InlineData("FROM scratch\nENV a", 2, "has no value")]
    [InlineData("FROM scratch\nEXPOSE 80/http", 2, "'80/http' is no port")]
    [InlineData("FROM scratch\nEXPOSE 70000", 2, "'70000' is no port")]
    [InlineData("FROM scratch\nSTOPSIGNAL please stop", 2, "is no signal")]
    [InlineData("FROM scratch\nSHELL bash", 2, "only the JSON form")]
    [InlineData("FROM scratch\nUSER $NONE", 2, "is empty here")]
    [InlineData("FROM scratch\nCOPY bin-amd64 /x\nWORKDIR /x/y", 3, "'/x' is a file")]
    public async Task What_cannot_be_done_is_an_error_that_names_the_line(string dockerfile, int line, string reason)
    {
        var failure = await Assert.ThrowsAsync<DockerfileException>(() => BuildAsync(dockerfile));
        Assert.Equal(line, failure.Line);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        Assert.Null(await _target.ResolveAsync("amd64-latest", Never));
    }

    [Fact]
    public async Task A_missing_Dockerfile_or_base_is_named()
    {
        var context = await Assert.ThrowsAsync<BuildContextException>(() => BuildAsync(null));
        Assert.Contains("has no Dockerfile", context.Message, StringComparison.Ordinal);
        var image = await Assert.ThrowsAsync<ManifestNotFoundException>(() => BuildAsync("FROM oci:../layout:none"));
        Assert.Contains(_folder["layout"], image.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arguments_follow_the_rules_of_their_scope()
    {
        var image = await BuildAsync("""
            ARG GLOBAL=g UNSEEN=u
            FROM scratch AS parent
            ARG GLOBAL
            FROM parent
            ARG LOCAL=${GLOBAL}-l
            ARG GIVEN=default
            ARG SHADOWED=arg
            ENV SHADOWED=env
            LABEL v="$GLOBAL $LOCAL $GIVEN $SHADOWED ${UNSEEN:-unseen} ${TARGETARCH:-undeclared}"
            ARG TARGETPLATFORM TARGETVARIANT BUILDOS
            LABEL p="$TARGETPLATFORM $TARGETVARIANT $BUILDOS"
            """, "arm/v7", buildArguments: new() { ["GIVEN"] = "given", ["TYPO"] = "x", ["http_proxy"] = "x" });
        Assert.Equal("g g-l given env unseen undeclared", image.Labels["v"]);
        Assert.Equal("linux/arm/v7 v7 linux", image.Labels["p"]);
        Assert.Equal("linux/arm/v7", image.Platform);
        Assert.Contains("TYPO", Assert.Single(_sink.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    [Needs(Part.UnixFiles)]
    public async Task Links_and_modes_of_the_context_are_kept()
    {
        File("run.sh", "#!/bin/sh");
        System.IO.File.SetUnixFileMode(_folder["context", "run.sh"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        System.IO.File.CreateSymbolicLink(_folder["context", "outside"], "/etc/passwd");
        File("docs/a.md", "a");
        System.IO.File.CreateSymbolicLink(_folder["context", "in"], "docs");
        var files = await FilesAsync(await BuildAsync("FROM scratch\nCOPY . /"));
        Assert.Equal("docs", files["in"].Entry.LinkName);
        Assert.DoesNotContain("in/a.md", files.Keys);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserExecute, files["run.sh"].Entry.Mode);
        Assert.Equal("/etc/passwd", files["outside"].Entry.LinkName);
        Assert.Equal((0, 0), (files["run.sh"].Entry.Uid, files["run.sh"].Entry.Gid));
        var failure = await Assert.ThrowsAsync<DockerfileException>(() => BuildAsync("FROM scratch\nCOPY outside /x"));
        Assert.Contains("followed inside of it only", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Needs(Part.UnixFiles)]
    public async Task A_pipe_in_the_context_does_not_hold_the_build()
    {
        await Tool.RunAsync("mkfifo", _folder["context", "pipe"]);
        var files = await FilesAsync(await BuildAsync("FROM scratch\nCOPY . /"));
        Assert.Equal("", files["pipe"].Content);
    }

    [Fact]
    public async Task An_ended_build_leaves_the_tag_as_it_was()
    {
        await BuildAsync("FROM scratch\nCOPY bin-amd64 /x");
        var before = await _target.ResolveAsync("amd64-latest", Never);
        using var ended = new CancellationTokenSource();
        await ended.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => BuildAsync("FROM scratch\nCOPY bin-arm64 /x", cancel: ended.Token));
        Assert.Equal(before, await _target.ResolveAsync("amd64-latest", Never));
    }

    private async Task<ArchImage> BuildAsync(
        string? dockerfile, string architecture = "amd64", string? tag = null, string? stage = null, Dictionary<string, string>? buildArguments = null,
        Dictionary<string, string>? labels = null, LayoutStore? target = null, CancellationToken cancel = default)
    {
        if (dockerfile is not null)
        {
            // Outside of the context: its own time shall not count.
            _folder.Write("Dockerfile", dockerfile);
        }
        var platform = Platform.Parse(architecture.Contains('/') ? $"linux/{architecture}" : architecture);
        var request = new BuildRequest
        {
            Reference = ImageReference.Parse($"akraino/validation:{tag ?? $"{platform.Architecture}-latest"}"),
            Platform = platform,
            Dockerfile = dockerfile is null ? "Dockerfile" : _folder["Dockerfile"],
            Target = stage,
            BuildArguments = buildArguments ?? [],
            Labels = labels ?? [],
        };
        return await new DaemonlessBuilder(_sink, place => new LayoutStore(place.Path))
            .BuildAsync(request, new BuildContext(_folder["context"]), target ?? _target, cancel);
    }

    private void File(string name, string content) => _folder.Write($"context/{name}", content);

    private async Task PutRawAsync(string tag, string[] tars, string run = "{}")
    {
        var (layers, diffIds) = (new List<Descriptor>(), new List<string>());
        foreach (var tar in tars)
        {
            var bytes = await System.IO.File.ReadAllBytesAsync(tar, Never);
            using var packed = new MemoryStream();
            await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                await gzip.WriteAsync(bytes, Never);
            diffIds.Add($"\"{Digest.Of(bytes)}\"");
            layers.Add(await PutAsync(MediaTypes.DockerLayerGzip, packed.ToArray()));
        }
        var config = await PutAsync(MediaTypes.DockerConfig, System.Text.Encoding.UTF8.GetBytes(
            $$"""{"architecture":"amd64","os":"linux","config":{{run}},"rootfs":{"type":"layers","diff_ids":[{{string.Join(',', diffIds)}}]} }"""));
        await _target.PutManifestAsync(ImageManifest.Create(config, layers).Document, [tag], Never);
    }

    private async Task<Descriptor> PutAsync(string mediaType, byte[] bytes)
    {
        var descriptor = new Descriptor(mediaType, Digest.Of(bytes), bytes.Length);
        await _target.PutBlobAsync(descriptor, BlobSource.FromBytes(bytes), Never);
        return descriptor;
    }

    private async Task<ImageManifest> ManifestAsync(ArchImage image) => ImageManifest.Parse(await _target.GetManifestAsync(image.Digest!, Never));

    private async Task<ImageConfig> ConfigAsync(ArchImage image)
    {
        await using var stream = await _target.OpenBlobAsync((await ManifestAsync(image)).Config, Never);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, Never);
        return ImageConfig.Parse(bytes.ToArray(), "config");
    }

    // The entries of the layers in their order; folders end in a slash.
    private async Task<Dictionary<string, (TarEntry Entry, string Content)>> FilesAsync(ArchImage image, int skip = 0)
    {
        var files = new Dictionary<string, (TarEntry, string)>();
        foreach (var layer in (await ManifestAsync(image)).Layers.Skip(skip))
        {
            await using var stream = await _target.OpenBlobAsync(layer, Never);
            await using var tar = new TarReader(new GZipStream(stream, CompressionMode.Decompress));
            while (await tar.GetNextEntryAsync(copyData: true, Never) is { } entry)
                files[entry.Name] = (entry, entry.DataStream is { } data ? await new StreamReader(data).ReadToEndAsync(Never) : "");
        }
        return files;
    }

    private static string Compact(JToken? token) => token!.ToString(Newtonsoft.Json.Formatting.None);

    private static IEnumerable<string> Names(JToken? token) => ((JObject)token!).Properties().Select(property => property.Name).Order(StringComparer.Ordinal);
}
