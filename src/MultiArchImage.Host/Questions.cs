using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace MultiArchImage.Host;

/// <summary>The questions a script can put to the person at the terminal.</summary>
internal sealed class Questions(TextReader input, TextWriter output)
{
    /// <summary>Asks for one line; the end of the input is an empty one.</summary>
    public string Line(string prompt)
    {
        output.Write(prompt);
        return input.ReadLine() ?? "";
    }

    /// <summary>
    /// Asks for one of several choices, each named by the letter after the <c>&amp;</c> of its label. An empty answer is the default;
    /// <c>?</c> explains the choices.
    /// </summary>
    public int Choice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        Introduce(caption, message);
        var menu = string.Join("  ", choices.Select(choice => $"[{Key(choice)}] {Label(choice)}"));
        var fallback = defaultChoice >= 0 ? $" (default is \"{Key(choices[defaultChoice])}\")" : "";
        while (true)
        {
            var answer = Line($"{menu}  [?] Help{fallback}: ").Trim();
            if (answer.Length == 0 && defaultChoice >= 0)
                return defaultChoice;
            var index = choices.ToList().FindIndex(choice => IsMeant(choice, answer));
            if (index >= 0)
                return index;
            if (answer == "?")
                Explain(choices);
        }
    }

    /// <summary>Asks for values by name, as the engine does for mandatory parameters that were not given.</summary>
    public Dictionary<string, PSObject> Fields(string caption, string message, Collection<FieldDescription> fields)
    {
        Introduce(caption, message);
        return fields.ToDictionary(field => field.Name, Field);
    }

    /// <summary>Asks for a name, unless it is known, and for a password.</summary>
    public PSCredential Credential(string caption, string message, string userName)
    {
        Introduce(caption, message);
        var name = string.IsNullOrEmpty(userName) ? Line("User: ") : userName;
        return new PSCredential(name, Secret(output, $"Password for user {name}: "));
    }

    /// <summary>Reads keys up to Enter and shows none of them.</summary>
    public static SecureString Secret(TextWriter output, string prompt)
    {
        output.Write(prompt);
        var secret = new SecureString();
        for (var key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace && secret.Length > 0)
                secret.RemoveAt(secret.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                secret.AppendChar(key.KeyChar);
        }
        output.WriteLine();
        return secret;
    }

    private PSObject Field(FieldDescription field) => field.ParameterTypeFullName switch
    {
        var type when type == typeof(SecureString).FullName => PSObject.AsPSObject(Secret(output, $"{field.Name}: ")),
        var type when type == typeof(PSCredential).FullName => PSObject.AsPSObject(Credential("", "", "")),
        _ => PSObject.AsPSObject(Line($"{field.Name}: ")),
    };

    private void Introduce(string caption, string message)
    {
        foreach (var line in new[] { caption, message }.Where(line => !string.IsNullOrWhiteSpace(line)))
            output.WriteLine(line);
    }

    private void Explain(Collection<ChoiceDescription> choices)
    {
        foreach (var choice in choices)
            output.WriteLine($"{Key(choice)} - {choice.HelpMessage}");
    }

    private static bool IsMeant(ChoiceDescription choice, string answer) =>
        answer.Equals(Key(choice), StringComparison.OrdinalIgnoreCase) || answer.Equals(Label(choice), StringComparison.OrdinalIgnoreCase);

    private static string Label(ChoiceDescription choice) => choice.Label.Replace("&", "", StringComparison.Ordinal);

    private static string Key(ChoiceDescription choice)
    {
        var mark = choice.Label.IndexOf('&', StringComparison.Ordinal);
        return mark >= 0 && mark + 1 < choice.Label.Length ? choice.Label.Substring(mark + 1, 1).ToUpperInvariant() : choice.Label;
    }
}
