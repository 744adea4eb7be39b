using MultiArchImage.Help.Formats;
using MultiArchImage.Help.Pages;

namespace MultiArchImage.Help;

/// <summary>Makes the help of the module from its pages: MultiArchImage.Help DOCS-FOLDER HELP-FOLDER.</summary>
public static class Program
{
    private const string HelpFile = "MultiArchImage.Cmdlets.dll-Help.xml";

    /// <summary>Writes the files; returns 1, and names the page as the compiler names a line, where one is not as it should be.</summary>
    public static int Main(string[] arguments)
    {
        if (arguments is not [var docs, var help])
        {
            Console.Error.WriteLine("usage: MultiArchImage.Help DOCS-FOLDER HELP-FOLDER");
            return 2;
        }
        try
        {
            Write(docs, Directory.CreateDirectory(help).FullName);
            return 0;
        }
        catch (PageException failure)
        {
            Console.Error.WriteLine(failure.Message);
            return 1;
        }
    }

    private static void Write(string docs, string help)
    {
        var commands = PagesIn(docs, "cmdlets").Select(file => Read(file, page => MamlDocument.Item(HelpPageReader.Read(page))));
        MamlDocument.Of([.. commands]).Save(Path.Combine(help, HelpFile));
        foreach (var file in PagesIn(docs, "about"))
            File.WriteAllText(Path.Combine(help, $"{Path.GetFileNameWithoutExtension(file)}.help.txt"), Read(file, AboutTopic.ToText));
    }

    private static IEnumerable<string> PagesIn(string docs, string folder) => Directory.GetFiles(Path.Combine(docs, folder), "*.md").Order(StringComparer.Ordinal);

    private static T Read<T>(string file, Func<string, T> read)
    {
        try
        {
            return read(File.ReadAllText(file).ReplaceLineEndings("\n"));
        }
        catch (PageException failure)
        {
            throw new PageException($"{file} : error HELP: {failure.Message}");
        }
    }
}
