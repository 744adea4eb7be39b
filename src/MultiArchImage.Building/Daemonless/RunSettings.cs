using System.Globalization;
using System.Text.RegularExpressions;
using MultiArchImage.Oci.Model;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Building.Daemonless;

/// <summary>
/// How a container of the image runs: the <c>config</c> of its configuration (image-spec: Image Configuration). Fields that are not known
/// here stay as the base image has them.
/// </summary>
internal sealed partial class RunSettings(JObject json)
{
    private const int MaximumPort = 65535;
    private static readonly string[] LinuxShell = ["/bin/sh", "-c"];

    private bool _hasOwnCommand;

    /// <summary>The settings of an image from scratch: what BuildKit gives it.</summary>
    public static RunSettings ForScratch() => new(new JObject
    {
        ["Env"] = new JArray("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ["WorkingDir"] = "/",
    });

    /// <summary>The settings of an image.</summary>
    public static RunSettings Of(ImageConfig config) => new(config.Json["config"]?.DeepClone() as JObject ?? []);

    /// <summary>The document.</summary>
    public JObject Json => json;

    /// <summary>Where commands run; absolute.</summary>
    public string WorkingFolder
    {
        get => (string?)json["WorkingDir"] is { Length: > 0 } folder ? folder : "/";
        set => json["WorkingDir"] = value;
    }

    /// <summary>Whether the image makes demands on its descendants, which only an engine can meet.</summary>
    public bool HasTriggers => json["OnBuild"] is JArray { Count: > 0 };

    /// <summary>A copy for another stage, whose ENTRYPOINT takes the command of this one away.</summary>
    public RunSettings Copy() => new((JObject)json.DeepClone());

    /// <summary>The value of an environment variable; null where it is not set.</summary>
    public string? Environment(string name) =>
        Items("Env").FirstOrDefault(item => item.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];

    public void SetEnvironment(string name, string value)
    {
        var variables = Items("Env").ToList();
        var index = variables.FindIndex(item => item.StartsWith(name + "=", StringComparison.Ordinal));
        if (index < 0)
            variables.Add($"{name}={value}");
        else
            variables[index] = $"{name}={value}";
        json["Env"] = new JArray(variables);
    }

    public void SetLabel(string name, string value) => Map("Labels")[name] = value;

    public void SetUser(string user) => json["User"] = user;

    public void AddVolume(string path) => Map("Volumes")[path] = new JObject();

    public void SetShell(IEnumerable<string> words) => json["Shell"] = new JArray(words);

    public void SetStopSignal(Instruction instruction, string signal) => json["StopSignal"] = Signal().IsMatch(signal)
        ? signal
        : throw instruction.Error($"'{signal}' is no signal", "write its name, like SIGTERM, or its number");

    /// <summary>An image that names its program anew does not want the arguments of its base's.</summary>
    public void SetEntrypoint(Instruction instruction)
    {
        json["Entrypoint"] = new JArray(Words(instruction));
        if (!_hasOwnCommand)
            json.Remove("Cmd");
    }

    public void SetCommand(Instruction instruction)
    {
        json["Cmd"] = new JArray(Words(instruction));
        _hasOwnCommand = true;
    }

    /// <summary>Adds <c>80</c>, <c>80/udp</c> or <c>8000-8010</c>; each port becomes an entry of its own.</summary>
    public void AddPorts(Instruction instruction, string text)
    {
        var match = Ports().Match(text);
        var first = match.Success ? Number(match.Groups["first"].Value) : 0;
        var last = match.Groups["last"].Success ? Number(match.Groups["last"].Value) : first;
        if (first < 1 || last < first || last > MaximumPort)
            throw instruction.Error($"'{text}' is no port", "write 80, 80/udp or 8000-8010, up to 65535");
        var protocol = match.Groups["protocol"].Success ? match.Groups["protocol"].Value.ToLowerInvariant() : "tcp";
        var ports = Map("ExposedPorts");
        foreach (var port in Enumerable.Range(first, last - first + 1))
            ports[string.Create(CultureInfo.InvariantCulture, $"{port}/{protocol}")] = new JObject();
    }

    // The shell form is a line for the shell, exactly as it was written.
    private IEnumerable<string> Words(Instruction instruction) =>
        instruction.Json ?? [.. Items("Shell") is { Count: > 0 } shell ? shell : LinuxShell, instruction.Text];

    private IReadOnlyList<string> Items(string field) => json[field] is JArray items ? [.. items.Select(item => (string?)item ?? "")] : [];

    private JObject Map(string field)
    {
        if (json[field] is not JObject map)
            json[field] = map = [];
        return map;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<first>\d{1,5})(?:-(?<last>\d{1,5}))?(?:/(?<protocol>tcp|udp|sctp))?\z", RegexOptions.IgnoreCase)]
    private static partial Regex Ports();

    [GeneratedRegex(@"^(?:(?:SIG)?[A-Z][A-Z0-9]*(?:[+-]\d+)?|\d{1,2})\z", RegexOptions.IgnoreCase)]
    private static partial Regex Signal();
}
