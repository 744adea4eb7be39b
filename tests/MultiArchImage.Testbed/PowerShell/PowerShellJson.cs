using System.Management.Automation;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MultiArchImage.Testbed.PowerShell;

/// <summary>
/// What <c>ConvertTo-Json</c> and <c>ConvertFrom-Json</c> make of objects. The cmdlets themselves are in a module that no package holds; their
/// rules are short: properties in order, maps as objects, nothing below a depth of two but its text.
/// </summary>
public static class PowerShellJson
{
    private const int DefaultDepth = 2;

    /// <summary>A function <c>Read-Json FILE</c> for scripts of an engine without <c>ConvertFrom-Json</c>.</summary>
    public const string Reader = """
        function Read-Json([string] $File) {
            function Convert-Element($Element) {
                switch ($Element.ValueKind) {
                    'Array' { $Element.EnumerateArray() | ForEach-Object { Convert-Element $_ } }
                    'Object' {
                        $object = [pscustomobject]@{}
                        foreach ($property in $Element.EnumerateObject()) {
                            $object.psobject.Properties.Add([psnoteproperty]::new($property.Name, (Convert-Element $property.Value)))
                        }
                        $object
                    }
                    'String' {
                        $time = [datetime]::MinValue
                        if ($Element.TryGetDateTime([ref] $time)) { $time } else { $Element.GetString() }
                    }
                    'Number' { $Element.GetInt64() }
                    'Null' { $null }
                    default { $Element.GetBoolean() }
                }
            }
            Convert-Element ([Text.Json.JsonDocument]::Parse([IO.File]::ReadAllText([IO.Path]::Combine("$PWD", $File))).RootElement)
        }
        """;

    /// <summary>The JSON of objects, as <c>$objects | ConvertTo-Json</c> writes it.</summary>
    public static string Of(IEnumerable<PSObject> objects) =>
        new JsonArray([.. objects.Select(item => Node(item.BaseObject, 0))]).ToJsonString(new JsonSerializerOptions(JsonSerializerOptions.Default) { WriteIndented = true });

    private static JsonNode? Node(object? value, int depth) => value switch
    {
        null => null,
        string text => JsonValue.Create(text),
        DateTime time => JsonValue.Create(time),
        bool or int or long or double => JsonValue.Create(value),
        Enum number => JsonValue.Create(Convert.ToInt64(number)),
        _ when depth > DefaultDepth => JsonValue.Create($"{value}"),
        System.Collections.IDictionary map => new JsonObject(map.Keys.Cast<object>().Select(key => KeyValuePair.Create($"{key}", Node(map[key], depth + 1)))),
        System.Collections.IEnumerable list => new JsonArray([.. list.Cast<object>().Select(item => Node(item, depth + 1))]),
        _ => new JsonObject(new PSObject(value).Properties.Select(property => KeyValuePair.Create(property.Name, Node(property.Value, depth + 1)))),
    };
}
