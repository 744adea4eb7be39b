using System.Collections;

namespace MultiArchImage.Cmdlets.Completion;

/// <summary>Offers the credentials that the environment has: <c>HUB</c> where there are <c>HUB_USR</c> and <c>HUB_PSW</c>.</summary>
public sealed class EnvironmentLoginCompleter : Completer
{
    private const string User = "_USR";
    private const string Password = "_PSW";

    private protected override IEnumerable<string> Find(string word, IDictionary bound, CancellationToken cancel)
    {
        var names = Environment.GetEnvironmentVariables().Keys.Cast<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        return names.Where(name => name.EndsWith(User, StringComparison.OrdinalIgnoreCase)).Select(name => name[..^User.Length])
            .Where(name => names.Contains(name + Password) && name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal);
    }
}
