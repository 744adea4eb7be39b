using System.Text;

namespace MultiArchImage.Building.Daemonless;

/// <summary>
/// Replaces variables in a word and takes its quotes away, with the rules of Dockerfiles (Dockerfile reference: Environment replacement):
/// <c>$name</c>, <c>${name}</c>, <c>${name:-word}</c>, <c>${name:+word}</c>, <c>${name:?word}</c> and these without the colon. Nothing is
/// replaced in single quotes or behind the escape character; what is unset is empty.
/// </summary>
internal sealed class VariableExpansion
{
    // A shell's own parameters; no build has them, so they are empty.
    private const string ShellParameters = "@*#?-$!0123456789";
    private readonly Func<string, string?> _value;
    private readonly Instruction _instruction;
    private readonly string _text;
    private int _at;

    private VariableExpansion(string text, Func<string, string?> value, Instruction instruction) =>
        (_text, _value, _instruction) = (text, value, instruction);

    /// <summary>The word with its variables replaced and without its quotes.</summary>
    /// <param name="word">As it was written.</param>
    /// <param name="value">The value of a variable; null where it is not set.</param>
    /// <param name="instruction">Where the word stands: its escape character counts, and errors name its line.</param>
    /// <exception cref="DockerfileException">A quote or brace is not closed, or a modifier is unknown.</exception>
    public static string Expand(string word, Func<string, string?> value, Instruction instruction) =>
        new VariableExpansion(word, value, instruction).Read('\0');

    private bool AtEnd => _at >= _text.Length;

    // Reads to the end, or to the closing brace of a modifier's word.
    private string Read(char stop)
    {
        var result = new StringBuilder();
        while (!AtEnd && _text[_at] != stop)
        {
            var c = _text[_at++];
            if (c == '\'')
                result.Append(ReadSingleQuoted());
            else if (c == '"')
                ReadDoubleQuoted(result);
            else if (c == '$')
                result.Append(ReadVariable());
            else if (c == _instruction.Escape && !AtEnd)
                result.Append(_text[_at++]);
            else if (c != _instruction.Escape)
                result.Append(c);
        }
        return result.ToString();
    }

    private string ReadSingleQuoted()
    {
        var end = _text.IndexOf('\'', _at);
        if (end < 0)
            throw Unclosed("single quote");
        var content = _text[_at..end];
        _at = end + 1;
        return content;
    }

    private void ReadDoubleQuoted(StringBuilder result)
    {
        while (!AtEnd && _text[_at] != '"')
        {
            var c = _text[_at++];
            if (c == '$')
                result.Append(ReadVariable());
            // As in a shell: in double quotes the escape character is one only before these.
            else if (c == _instruction.Escape && !AtEnd && (_text[_at] is '"' or '$' || _text[_at] == _instruction.Escape))
                result.Append(_text[_at++]);
            else
                result.Append(c);
        }
        if (AtEnd)
            throw Unclosed("double quote");
        _at++;
    }

    private string ReadVariable()
    {
        if (AtEnd || _text[_at] != '{')
            return ReadName() is { Length: > 0 } plain ? _value(plain) ?? "" : "$";
        _at++;
        var name = ReadName();
        if (name.Length == 0)
            throw _instruction.Error($"'{_text}' has a variable without a name");
        var value = ReadModifier(name, _value(name));
        if (AtEnd || _text[_at] != '}')
            throw Unclosed("brace");
        _at++;
        return value;
    }

    private string ReadModifier(string name, string? value)
    {
        if (AtEnd || _text[_at] == '}')
            return value ?? "";
        // With the colon an empty value counts as none.
        var isColon = _text[_at] == ':';
        if (isColon)
            _at++;
        var modifier = AtEnd ? throw Unclosed("brace") : _text[_at++];
        var word = modifier is '-' or '+' or '?'
            ? Read('}')
            : throw _instruction.Error($"'{_text}' has the modifier '{modifier}'", "of these only :-, :+ and :? are understood without an engine");
        var isSet = value is not null && !(isColon && value.Length == 0);
        return modifier switch
        {
            '+' => isSet ? word : "",
            '-' => isSet ? value! : word,
            _ => isSet ? value! : throw _instruction.Error($"{name} is not set{(word.Length == 0 ? "" : $": {word}")}", $"give the build argument {name}"),
        };
    }

    private string ReadName()
    {
        var start = _at;
        if (!AtEnd && ShellParameters.Contains(_text[_at]))
            _at++;
        else
        {
            while (!AtEnd && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_'))
                _at++;
        }
        return _text[start.._at];
    }

    private DockerfileException Unclosed(string what) => _instruction.Error($"'{_text}' has a {what} that is not closed");
}
