using System.Xml.Linq;

namespace MultiArchImage.Help.Formats;

/// <summary>The namespaces of help in MAML, as the PowerShell engine looks for them.</summary>
internal static class MamlNames
{
    internal static readonly XNamespace Msh = "http://msh";
    internal static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    internal static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    internal static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>Paragraphs; an empty one where there are none, which the views of Get-Help expect.</summary>
    internal static IEnumerable<XElement> Paragraphs(IEnumerable<string> texts) =>
        texts.DefaultIfEmpty("").Select(text => new XElement(Maml + "para", text));
}
