using System.Text;
using Markdig;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using MultiArchImage.Help.Pages;

namespace MultiArchImage.Help.Formats;

/// <summary>A page of <c>docs/about</c> as the text that <c>Get-Help about_NAME</c> prints.</summary>
public static class AboutTopic
{
    // What fits a terminal of 80 columns, which some break at 80 characters and some behind them.
    private const int Width = 79;

    private static readonly MarkdownPipeline Markdown = new MarkdownPipelineBuilder().UsePipeTables().Build();

    /// <summary>Makes the text of a page: headings at the margin, all else below them.</summary>
    public static string ToText(string page)
    {
        var text = new StringBuilder();
        foreach (var block in Markdig.Markdown.Parse(page, Markdown))
            Append(text, block);
        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static void Append(StringBuilder text, Block block)
    {
        switch (block)
        {
            case HeadingBlock { Level: 1 } title:
                text.Append($"TOPIC\n    {PlainText.Of(title.Inline!)}\n\n");
                break;
            case HeadingBlock { Level: 2 } section:
                text.Append($"{PlainText.Of(section.Inline!).ToUpperInvariant()}\n");
                break;
            case HeadingBlock part:
                text.Append($"  {PlainText.Of(part.Inline!)}\n");
                break;
            case CodeBlock code:
                AppendLines(text, PlainText.Code(code).Split('\n').Select(line => $"        {line}".TrimEnd()));
                break;
            case ListBlock:
                AppendLines(text, PlainText.Of(block).SelectMany(item => Wrap(item, "    ", "      ")));
                break;
            case Table:
                throw new PageException("a table does not fit a terminal; write a list");
            default:
                AppendLines(text, PlainText.Of(block).SelectMany(line => Wrap(line, "    ", "    ")));
                break;
        }
    }

    private static void AppendLines(StringBuilder text, IEnumerable<string> lines)
    {
        foreach (var line in lines)
            text.Append(line).Append('\n');
        text.Append('\n');
    }

    private static IEnumerable<string> Wrap(string text, string firstIndent, string indent)
    {
        var line = new StringBuilder(firstIndent);
        var empty = true;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!empty && line.Length + 1 + word.Length > Width)
            {
                yield return line.ToString();
                line.Clear().Append(indent);
                empty = true;
            }
            line.Append(empty ? "" : " ").Append(word);
            empty = false;
        }
        yield return line.ToString();
    }
}
