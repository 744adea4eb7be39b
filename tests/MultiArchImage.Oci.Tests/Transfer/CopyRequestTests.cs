using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Transfer.Copying;
using MultiArchImage.Testbed;

namespace MultiArchImage.Oci.Tests.Transfer;

/// <summary>What copies cost at a real registry: a fat manifest of three manifests with two blobs each.</summary>
public sealed class CopyRequestTests(CopyWorkbench bench) : IClassFixture<CopyWorkbench>
{
    [RegistryFact]
    public async Task A_new_tag_in_the_repository_is_a_read_a_write_and_a_look()
    {
        await bench.TakeAsync();
        await bench.CopyAsync(bench.Name("k8s-latest"), bench.Name("stable"));
        Assert.Equal(["1 GET manifest", "1 HEAD manifest", "1 PUT manifest"], await bench.TakeAsync());
        await bench.CopyAsync(new CopyRequest(bench.Name("k8s-latest"), [bench.Name("forced")]) { Force = true });
        Assert.Equal(["1 GET manifest", "1 PUT manifest"], await bench.TakeAsync());
        await bench.CopyAsync(bench.Name("k8s-latest"), bench.Name("stable"));
        Assert.Equal(["1 GET manifest", "1 HEAD manifest"], await bench.TakeAsync());
    }

    [RegistryFact]
    public async Task Another_repository_of_the_registry_mounts_every_blob_with_one_request()
    {
        await bench.TakeAsync();
        await bench.CopyAsync(bench.Name("k8s-latest"), bench.Same("released:1"));
        Assert.Equal(["1 HEAD manifest", "4 GET manifest", "4 PUT manifest", "6 POST mount"], await bench.TakeAsync());
    }

    [RegistryFact]
    public async Task Another_registry_takes_three_requests_a_blob()
    {
        await bench.TakeAsync();
        await bench.CopyAsync(bench.Name("k8s-latest"), bench.Other("released:1"));
        Assert.Equal(["1 HEAD manifest", "4 GET manifest", "4 PUT manifest", "6 GET blob", "6 POST mount", "6 PUT upload"], await bench.TakeAsync());
    }

    [RegistryFact]
    public async Task A_second_repository_of_the_other_registry_mounts_what_the_first_one_got()
    {
        await bench.TakeAsync();
        await bench.CopyAsync(bench.Name("k8s-latest"), bench.Other("pair/a:1"), bench.Other("pair/b:1"));
        Assert.Equal(
            ["10 PUT manifest", "12 POST mount", "2 HEAD manifest", "4 GET manifest", "6 GET blob", "6 PUT upload"], await bench.TakeAsync());
    }

    [RegistryFact]
    public async Task The_plan_counts_what_carrying_it_out_takes()
    {
        ImageReference[][] all = [
            [bench.Name("counted")], [bench.Name("counted-1"), bench.Name("counted-2")], [bench.Same("counted:1")], [bench.Other("counted:1")],
            [bench.Layout("counted").WithTag("1")], [bench.Same("several:1"), bench.Other("several:1"), bench.Other("sister:1"), bench.Other("sister:2")],
        ];
        foreach (var destinations in all)
        {
            var plan = await bench.PlanAsync(new CopyRequest(bench.Name("k8s-latest"), destinations));
            var text = await new CopyDescription(plan).InFullAsync(CancellationToken.None);
            await bench.TakeAsync();
            using var copier = new ImageCopier(bench.Sink, 4);
            await copier.CopyAsync(plan, CancellationToken.None);
            var taken = (await bench.TakeAsync()).Sum(line => int.Parse(line.Split(' ')[0]));
            Assert.EndsWith($"  {taken} request{(taken == 1 ? "" : "s")} to carry it out", text);
        }
    }
}
