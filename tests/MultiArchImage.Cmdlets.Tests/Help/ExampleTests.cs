using MultiArchImage.Help.Pages;
using MultiArchImage.Testbed;

namespace MultiArchImage.Cmdlets.Tests.Help;

/// <summary>
/// The examples of the help run, and print what the pages say. A block <c>powershell</c> runs, and the block <c>output</c> behind it is what a
/// console of 80 columns shows; <c>powershell fails: ERROR-ID</c> must fail so; <c>powershell not-run: REASON</c> is only parsed and its
/// parameters looked up. With MULTIARCHIMAGE_WRITE_EXAMPLES=1 the outputs are written into the pages, to be read before they are committed.
/// </summary>
public sealed class ExampleTests
{
    private const string Fails = "fails: ";

    private static bool Writes => Environment.GetEnvironmentVariable("MULTIARCHIMAGE_WRITE_EXAMPLES") == "1";

    [RegistryTheory]
    [MemberData(nameof(Documentation.CmdletsThatServeNothing), MemberType = typeof(Documentation))]
    public Task Examples_print_what_the_page_says(string cmdlet) => CheckAsync(cmdlet);

    [RegistryTheory]
    [MemberData(nameof(Documentation.CmdletsThatServe), MemberType = typeof(Documentation))]
    [Needs(Part.HttpListener)]
    public Task Examples_that_serve_a_registry_print_what_the_page_says(string cmdlet) => CheckAsync(cmdlet);

    [RegistryFact]
    public Task The_tour_shows_what_a_user_sees() => CheckAsync(Documentation.TourPath, Documentation.Tour);

    private static Task CheckAsync(string cmdlet) => CheckAsync(Documentation.PathOf(cmdlet), Documentation.Page(cmdlet).Examples);

    private static async Task CheckAsync(string file, IEnumerable<HelpExample> examples)
    {
        await using var world = await ExampleWorld.CreateAsync();
        foreach (var (command, output) in examples.SelectMany(Commands).Where(pair => !IsNotRun(pair.Command)))
            await CheckAsync(world, file, command, output);
    }

    private static async Task CheckAsync(ExampleWorld world, string file, HelpBlock command, HelpBlock? output)
    {
        var (shown, errors) = await world.RunAsync(command.Text);
        var expected = command.Argument.StartsWith(Fails, StringComparison.Ordinal) ? new[] { command.Argument[Fails.Length..] } : [];
        Assert.True(expected.SequenceEqual(errors.Distinct()), $"{command.Text}\nended with [{string.Join(", ", errors)}], not [{string.Join(", ", expected)}]:\n{shown}");
        if (Writes)
            ExampleOutput.Write(file, command, output, shown);
        else
            Assert.Equal(ExampleWorld.Normal(output?.Text ?? ""), ExampleWorld.Normal(shown));
    }

    private static IEnumerable<(HelpBlock Command, HelpBlock? Output)> Commands(HelpExample example) => example.Blocks
        .Select((block, index) => (block, Next: example.Blocks.ElementAtOrDefault(index + 1)))
        .Where(pair => pair.block.Language == "powershell")
        .Select(pair => (pair.block, pair.Next is { Language: "output" } ? pair.Next : null));

    private static bool IsNotRun(HelpBlock block) => block.Argument.StartsWith("not-run: ", StringComparison.Ordinal);
}
