namespace MultiArchImage.Help.Pages;

/// <summary>A page of <c>docs/cmdlets</c>: what <c>Get-Help</c> tells about one cmdlet, in the sections and the order of PlatyPS.</summary>
/// <param name="Name">The cmdlet.</param>
/// <param name="Synopsis">What it does, in a sentence.</param>
/// <param name="Syntaxes">One for each parameter set.</param>
/// <param name="Description">Paragraphs.</param>
/// <param name="Examples">At least one.</param>
/// <param name="Parameters">All but the common ones.</param>
/// <param name="Inputs">Types that come through the pipeline.</param>
/// <param name="Outputs">Types that go out.</param>
/// <param name="Notes">Paragraphs.</param>
/// <param name="Links">What to read next.</param>
public sealed record HelpPage(
    string Name,
    string Synopsis,
    IReadOnlyList<HelpSyntax> Syntaxes,
    IReadOnlyList<string> Description,
    IReadOnlyList<HelpExample> Examples,
    IReadOnlyList<HelpParameter> Parameters,
    IReadOnlyList<HelpType> Inputs,
    IReadOnlyList<HelpType> Outputs,
    IReadOnlyList<string> Notes,
    IReadOnlyList<HelpLink> Links);

/// <summary>One form of a command.</summary>
/// <param name="ParameterSet">The parameter set's name, without the mark of the default one.</param>
/// <param name="Text">The form on one line, as <c>Get-Command -Syntax</c> writes it.</param>
public sealed record HelpSyntax(string ParameterSet, string Text);

/// <summary>An example: text and code as they follow each other.</summary>
/// <param name="Title">The heading: <c>Example 1: Join two images</c>.</param>
/// <param name="Blocks">Text, commands and what they print.</param>
public sealed record HelpExample(string Title, IReadOnlyList<HelpBlock> Blocks);

/// <summary>A paragraph or a fenced block of code.</summary>
/// <param name="Language">What follows the fence: <c>powershell</c>, <c>output</c>; null for a paragraph.</param>
/// <param name="Argument">What follows the language, as <c>not-run: needs a Docker Engine</c>; empty where nothing does.</param>
/// <param name="Text">The paragraph on one line, or the code as it stands.</param>
public sealed record HelpBlock(string? Language, string Argument, string Text);

/// <summary>A parameter.</summary>
/// <param name="Name">Without the dash.</param>
/// <param name="Description">Paragraphs.</param>
/// <param name="Facts">A block of facts for each group of parameter sets that it is alike in.</param>
public sealed record HelpParameter(string Name, IReadOnlyList<string> Description, IReadOnlyList<ParameterFacts> Facts);

/// <summary>A type that a cmdlet takes or writes.</summary>
/// <param name="Name">The type's full name.</param>
/// <param name="Description">Paragraphs; none where the name says it.</param>
public sealed record HelpType(string Name, IReadOnlyList<string> Description);

/// <summary>A related page.</summary>
/// <param name="Text">What is shown.</param>
/// <param name="Target">Where it leads: an address, or a page beside this one.</param>
public sealed record HelpLink(string Text, string Target);
