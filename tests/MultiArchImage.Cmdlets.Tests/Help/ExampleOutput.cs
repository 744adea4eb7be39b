using MultiArchImage.Help.Pages;

namespace MultiArchImage.Cmdlets.Tests.Help;

/// <summary>Puts what an example printed into its page.</summary>
internal static class ExampleOutput
{
    public static void Write(string file, HelpBlock command, HelpBlock? old, string shown)
    {
        var page = File.ReadAllText(file);
        var code = $"{command.Text}\n```\n";
        var before = old is null ? code : $"{code}\n{Fenced(old.Text)}";
        var after = shown.Length == 0 ? code : $"{code}\n{Fenced(shown)}";
        if (ExampleWorld.Normal(before) != ExampleWorld.Normal(after))
            File.WriteAllText(file, page.Replace(before, after, StringComparison.Ordinal));
    }

    private static string Fenced(string text) => $"```output\n{text}\n```\n";
}
