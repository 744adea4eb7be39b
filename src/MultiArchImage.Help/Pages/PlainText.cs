using System.Text;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace MultiArchImage.Help.Pages;

/// <summary>Markdown as a terminal shows it: the words without the marks.</summary>
internal static class PlainText
{
    /// <summary>The lines of a block, each as long as it is: paragraphs, list items, rows, lines of code.</summary>
    internal static IEnumerable<string> Of(Block block) => block switch
    {
        LeafBlock { Inline: { } inline } => [Of(inline)],
        CodeBlock code => [Code(code)],
        ListBlock list => list.Cast<ListItemBlock>().Select(item => Mark(list, item) + string.Join(" ", item.SelectMany(Of))),
        Table table => table.Cast<TableRow>().Select(row => string.Join(" | ", row.Select(cell => string.Join(" ", ((TableCell)cell).SelectMany(Of))))),
        ContainerBlock container => container.SelectMany(Of),
        _ => [],
    };

    /// <summary>The words of a line.</summary>
    internal static string Of(ContainerInline line)
    {
        var text = new StringBuilder();
        foreach (var part in line)
        {
            text.Append(part switch
            {
                LiteralInline literal => literal.Content.ToString(),
                CodeInline code => code.Content,
                LineBreakInline => " ",
                HtmlEntityInline entity => entity.Transcoded.ToString(),
                ContainerInline container => Of(container),
                _ => "",
            });
        }
        return text.ToString();
    }

    /// <summary>The code without its fence.</summary>
    internal static string Code(CodeBlock code) => code.Lines.ToString().ReplaceLineEndings("\n").TrimEnd();

    private static string Mark(ListBlock list, ListItemBlock item) => list.IsOrdered ? $"{item.Order}. " : "- ";
}
