using System.Text.RegularExpressions;
using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace MultiArchImage.Help.Pages;

/// <summary>Reads a page in the form of PlatyPS: a first heading with the name, second ones for sections, third ones for what a section holds.</summary>
public static partial class HelpPageReader
{
    private static readonly MarkdownPipeline Markdown = new MarkdownPipelineBuilder().UseYamlFrontMatter().UsePipeTables().Build();

    /// <summary>Reads a page.</summary>
    /// <exception cref="PageException">A section is missing or is not as it should be.</exception>
    public static HelpPage Read(string text)
    {
        var document = Markdig.Markdown.Parse(text, Markdown);
        var name = document.OfType<HeadingBlock>().FirstOrDefault(heading => heading.Level == 1) ?? throw new PageException("the first heading is missing");
        var sections = Split(document, 2).ToDictionary(section => section.Title, section => section.Blocks);
        IReadOnlyList<Block> Section(string title) => sections.GetValueOrDefault(title) ?? throw new PageException($"the section {title} is missing");
        return new HelpPage(
            PlainText.Of(name.Inline!),
            string.Join(" ", Section("SYNOPSIS").SelectMany(PlainText.Of)),
            [.. Split(Section("SYNTAX"), 3).Select(ToSyntax)],
            Texts(Section("DESCRIPTION")),
            [.. Split(Section("EXAMPLES"), 3).Select(ToExample)],
            [.. Split(Section("PARAMETERS"), 3).Where(parameter => parameter.Title.StartsWith('-')).Select(ToParameter)],
            [.. Split(Section("INPUTS"), 3).Select(ToType)],
            [.. Split(Section("OUTPUTS"), 3).Select(ToType)],
            Texts(Section("NOTES")),
            [.. Section("RELATED LINKS").SelectMany(block => block.Descendants<LinkInline>()).Select(link => new HelpLink(PlainText.Of(link), link.Url ?? ""))]);
    }

    /// <summary>Reads any text as examples: a second heading begins one.</summary>
    public static IReadOnlyList<HelpExample> ReadExamples(string text) => [.. Split(Markdig.Markdown.Parse(text, Markdown), 2).Select(ToExample)];

    private static HelpExample ToExample((string Title, IReadOnlyList<Block> Blocks) example) => new(example.Title, [.. example.Blocks.SelectMany(ToBlocks)]);

    private static IEnumerable<(string Title, IReadOnlyList<Block> Blocks)> Split(IEnumerable<Block> blocks, int level)
    {
        (string Title, List<Block> Blocks)? section = null;
        foreach (var block in blocks)
        {
            if (block is HeadingBlock heading && heading.Level == level)
            {
                if (section is { } whole)
                    yield return whole;
                section = (PlainText.Of(heading.Inline!), []);
            }
            else
            {
                section?.Blocks.Add(block);
            }
        }
        if (section is { } last)
            yield return last;
    }

    private static IReadOnlyList<string> Texts(IEnumerable<Block> blocks) => [.. blocks.SelectMany(PlainText.Of)];

    private static HelpSyntax ToSyntax((string Title, IReadOnlyList<Block> Blocks) form) => new(
        form.Title.Replace(" (Default)", "", StringComparison.Ordinal),
        WhiteSpace().Replace(PlainText.Code(form.Blocks.OfType<CodeBlock>().Single()), " "));

    private static IEnumerable<HelpBlock> ToBlocks(Block block) => block is FencedCodeBlock code
        ? [new HelpBlock(code.Info, code.Arguments ?? "", PlainText.Code(code))]
        : PlainText.Of(block).Select(text => new HelpBlock(null, "", text));

    private static HelpParameter ToParameter((string Title, IReadOnlyList<Block> Blocks) parameter) => new(
        parameter.Title[1..],
        Texts(parameter.Blocks.Where(block => !IsFacts(block))),
        [.. parameter.Blocks.Where(IsFacts).Select(block => ParameterFacts.Parse(PlainText.Code((CodeBlock)block)))]);

    private static bool IsFacts(Block block) => block is FencedCodeBlock { Info: "yaml" };

    private static HelpType ToType((string Title, IReadOnlyList<Block> Blocks) type) => new(type.Title, Texts(type.Blocks));

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}
