using System.Xml.Linq;
using MultiArchImage.Help.Pages;
using static MultiArchImage.Help.Formats.MamlNames;

namespace MultiArchImage.Help.Formats;

/// <summary>The file that Get-Help reads: <c>en-US/ASSEMBLY.dll-Help.xml</c> in the module's base.</summary>
public static class MamlDocument
{
    /// <summary>Makes the file of what pages became.</summary>
    public static XDocument Of(IEnumerable<XElement> items) => new(
        new XDeclaration("1.0", "utf-8", null),
        new XElement(
            Msh + "helpItems",
            new XAttribute("schema", "maml"),
            new XAttribute(XNamespace.Xmlns + "maml", Maml),
            new XAttribute(XNamespace.Xmlns + "command", Command),
            new XAttribute(XNamespace.Xmlns + "dev", Dev),
            items));

    /// <summary>Makes the part of one page.</summary>
    /// <exception cref="PageException">Its sections contradict each other.</exception>
    public static XElement Item(HelpPage page) => new(
        Command + "command",
        Details(page),
        new XElement(Maml + "description", Paragraphs(page.Description)),
        MamlParameters.Syntax(page),
        MamlParameters.Details(page),
        new XElement(Command + "inputTypes", page.Inputs.Select(type => Type("inputType", type))),
        new XElement(Command + "returnValues", page.Outputs.Select(type => Type("returnValue", type))),
        new XElement(Maml + "alertSet", new XElement(Maml + "alert", Paragraphs(page.Notes))),
        new XElement(Command + "examples", page.Examples.Select(Example)),
        new XElement(Command + "relatedLinks", page.Links.Select(Link)));

    private static XElement Details(HelpPage page)
    {
        var name = page.Name.Split('-', 2);
        return new XElement(
            Command + "details",
            new XElement(Command + "name", page.Name),
            new XElement(Command + "verb", name[0]),
            new XElement(Command + "noun", name[^1]),
            new XElement(Maml + "description", Paragraphs([page.Synopsis])));
    }

    private static XElement Type(string element, HelpType type) => new(
        Command + element,
        new XElement(Dev + "type", new XElement(Maml + "name", type.Name)),
        new XElement(Maml + "description", Paragraphs(type.Description)));

    // The view of Get-Help prints introduction, code, remarks. Text that stands between two blocks of code becomes a comment there.
    private static XElement Example(HelpExample example)
    {
        var first = example.Blocks.TakeWhile(block => block.Language is null).ToList();
        var last = example.Blocks.Reverse().TakeWhile(block => block.Language is null).Reverse().ToList();
        var code = example.Blocks.Skip(first.Count).SkipLast(last.Count).Select(block => block.Language is null ? $"# {block.Text}" : block.Text);
        return new XElement(
            Command + "example",
            new XElement(Maml + "title", $"--- {example.Title} ---"),
            new XElement(Maml + "introduction", Paragraphs(first.Select(block => block.Text))),
            new XElement(Dev + "code", string.Join("\n\n", code)),
            new XElement(Dev + "remarks", Paragraphs(last.Select(block => block.Text))));
    }

    // A page beside this one is a command or a topic, which Get-Help finds by its name.
    private static XElement Link(HelpLink link) => new(
        Maml + "navigationLink",
        new XElement(Maml + "linkText", link.Text),
        new XElement(Maml + "uri", link.Target.Contains("://", StringComparison.Ordinal) ? link.Target : ""));
}
