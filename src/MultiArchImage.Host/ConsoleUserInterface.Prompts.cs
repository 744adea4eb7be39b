using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace MultiArchImage.Host;

/// <content>Questions: confirmations, missing mandatory parameters and credentials.</content>
internal sealed partial class ConsoleUserInterface
{
    public override string ReadLine() => Ask("A line of input", "", Console.ReadLine);

    public override SecureString ReadLineAsSecureString() => Ask("A password", "", ReadHidden);

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        Introduce(caption, message, question: $"A value for {string.Join(", ", descriptions.Select(field => field.Name))}");
        return descriptions.ToDictionary(field => field.Name, field => PSObject.AsPSObject(AskField(field)));
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        PromptForCredential(caption, message, userName, targetName, PSCredentialTypes.Default, PSCredentialUIOptions.Default);

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options)
    {
        Introduce(caption, message, question: "A credential");
        var user = string.IsNullOrEmpty(userName) ? Ask("A user name", "User: ", Console.ReadLine) : userName;
        return new PSCredential(user, Ask("A password", $"Password for user {user}: ", ReadHidden));
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        Introduce(caption, message, question: "A confirmation");
        var labels = choices.Select(choice => new ChoiceLabel(choice)).ToList();
        var suffix = defaultChoice >= 0 ? $" (default is \"{labels[defaultChoice].Key}\"): " : ": ";
        while (true)
        {
            var answer = Ask("A confirmation", string.Join("  ", labels) + suffix, Console.ReadLine).Trim();
            if (answer.Length == 0 && defaultChoice >= 0)
                return defaultChoice;
            if (labels.FindIndex(label => label.Answers(answer)) is >= 0 and var chosen)
                return chosen;
        }
    }

    /// <summary>Asks, or fails where nobody can answer. End of input is no answer.</summary>
    private T Ask<T>(string what, string prompt, Func<T?> read)
        where T : class
    {
        RequireAnswers(what);
        Write(prompt);
        return read() ?? throw new PromptUnavailableException(what);
    }

    private void Introduce(string caption, string message, string question)
    {
        RequireAnswers(question);
        foreach (var line in new[] { caption, message }.Where(line => !string.IsNullOrEmpty(line)))
            WriteLine(line);
    }

    private void RequireAnswers(string what)
    {
        if (!_canAsk)
            throw new PromptUnavailableException(what);
    }

    private object AskField(FieldDescription field) => field.ParameterTypeFullName switch
    {
        "System.Security.SecureString" => Ask(field.Name, $"{field.Name}: ", ReadHidden),
        "System.Management.Automation.PSCredential" => PromptForCredential("", "", "", ""),
        var type when type.EndsWith("[]", StringComparison.Ordinal) => AskItems(field.Name).ToArray(),
        _ => Ask(field.Name, $"{field.Name}: ", Console.ReadLine),
    };

    /// <summary>The items of an array, one a line; an empty line ends it.</summary>
    private IEnumerable<object> AskItems(string name)
    {
        for (var index = 0; ; index++)
        {
            var item = Ask(name, $"{name}[{index}]: ", Console.ReadLine);
            if (item.Length == 0)
                yield break;
            yield return item;
        }
    }

    private SecureString ReadHidden()
    {
        var secret = new SecureString();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key != ConsoleKey.Backspace)
                secret.AppendChar(key.KeyChar);
            else if (secret.Length > 0)
                secret.RemoveAt(secret.Length - 1);
        }
        WriteLine("");
        secret.MakeReadOnly();
        return secret;
    }
}
