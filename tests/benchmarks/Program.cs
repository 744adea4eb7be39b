using MultiArchImage.Benchmarks;

// Run by hand: dotnet run -c Release --project tests/benchmarks -- WHICH. Needs docker-registry; where peers run, also what tests/testbed/peers.sh
// brings, with MULTIARCHIMAGE_TEST_PEERS=DIR.
switch (args)
{
    case [] or ["distance"]:
        await Distance.RunAsync();
        return 0;
    case ["peers"]:
        await PeerRace.RunAsync();
        return 0;
    case ["many"]:
        await ManyFatManifests.RunAsync();
        return 0;
    case ["lost"]:
        await LostEntries.RunAsync();
        return 0;
    case ["transfers"]:
        await Transfers.RunAsync();
        return 0;
    case ["starts"]:
        await Starts.RunAsync();
        return 0;
    default:
        Console.Error.WriteLine("""
            usage: dotnet run -c Release --project tests/benchmarks -- distance|peers|many|lost|transfers|starts
              distance  a fat manifest from tags, 20 ms away, against the floor of three bare requests
              peers     100 fat manifests of two platforms: a warm session against the processes of each peer
              many      1,000 fat manifests of six platforms in one pipeline, and one of 200 entries: time and requests
              lost      entries that writers at the same time lose, with this module and with each peer
              transfers large images between registries and from a layout, and long lists of tags, against peers: time, CPU and memory
              starts    a fresh process: the import, and the first fat manifest that it reads
            """);
        return 2;
}
