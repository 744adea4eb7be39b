using System.Xml.Linq;
using MultiArchImage.Help.Pages;
using static MultiArchImage.Help.Formats.MamlNames;

namespace MultiArchImage.Help.Formats;

/// <summary>Parameters in MAML: in the forms of a command, and each with its text.</summary>
internal static class MamlParameters
{
    internal static XElement Syntax(HelpPage page) => new(Command + "syntax", page.Syntaxes.Select(syntax => new XElement(
        Command + "syntaxItem",
        new XElement(Maml + "name", page.Name),
        SyntaxParameter.All(syntax.Text).Select(parameter => InSyntax(Documented(page, parameter.Name), syntax.ParameterSet, parameter)))));

    internal static XElement Details(HelpPage page) => new(Command + "parameters", page.Parameters.Select(parameter =>
    {
        var facts = parameter.Facts[0];
        var element = Element(parameter, facts, facts.IsRequired);
        element.Add(
            new XElement(Command + "parameterValue", new XAttribute("required", "true"), facts.Type),
            new XElement(Dev + "type", new XElement(Maml + "name", facts.Type)),
            new XElement(Dev + "defaultValue", facts.DefaultValue));
        return element;
    }));

    private static HelpParameter Documented(HelpPage page, string name) =>
        page.Parameters.FirstOrDefault(parameter => parameter.Name == name) ?? throw new PageException($"the parameter -{name} is in the syntax and has no section");

    private static XElement InSyntax(HelpParameter parameter, string parameterSet, SyntaxParameter inSyntax)
    {
        var facts = parameter.Facts.FirstOrDefault(block => block.ParameterSets.Split(", ").Contains(parameterSet)) ?? parameter.Facts[0];
        var element = Element(parameter, facts, inSyntax.IsRequired);
        if (facts.AcceptedValues.Count > 0)
            element.Add(new XElement(Command + "parameterValueGroup", facts.AcceptedValues.Select(Value)));
        else if (inSyntax.Type is not null)
            element.Add(Value(inSyntax.Type));
        return element;
    }

    private static XElement Value(string text) => new(Command + "parameterValue", new XAttribute("required", "true"), new XAttribute("variableLength", "false"), text);

    private static XElement Element(HelpParameter parameter, ParameterFacts facts, bool required) => new(
        Command + "parameter",
        new XAttribute("required", required ? "true" : "false"),
        new XAttribute("variableLength", "true"),
        new XAttribute("globbing", facts.TakesWildcards ? "true" : "false"),
        new XAttribute("pipelineInput", facts.PipelineInput),
        new XAttribute("position", facts.Position == "Named" ? "named" : facts.Position),
        new XAttribute("aliases", facts.Aliases.Length == 0 ? "none" : facts.Aliases),
        new XElement(Maml + "name", parameter.Name),
        new XElement(Maml + "description", Paragraphs(parameter.Description)));
}
