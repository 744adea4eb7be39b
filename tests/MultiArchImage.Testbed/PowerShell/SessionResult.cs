using System.Management.Automation;

namespace MultiArchImage.Testbed.PowerShell;

/// <summary>What a script left in each stream.</summary>
public sealed record SessionResult
{
    /// <summary>The objects it put out.</summary>
    public required IReadOnlyList<PSObject> Output { get; init; }

    /// <summary>The errors after which it went on, in order.</summary>
    public required IReadOnlyList<ErrorRecord> Errors { get; init; }

    /// <summary>The error that ended it; null where it came to its end, or was stopped.</summary>
    public ErrorRecord? TerminatingError { get; init; }

    /// <summary>Whether <see cref="PowerShellSession.StopAsync"/> ended it.</summary>
    public bool WasStopped { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    public required IReadOnlyList<string> Verbose { get; init; }

    public required IReadOnlyList<string> Debug { get; init; }

    public required IReadOnlyList<InformationRecord> Information { get; init; }

    public required IReadOnlyList<ProgressRecord> Progress { get; init; }

    /// <summary>All errors, the terminating one last.</summary>
    public IEnumerable<ErrorRecord> AllErrors => TerminatingError is null ? Errors : [.. Errors, TerminatingError];

    /// <summary>The values of one property of all objects; null where an object has none of that name.</summary>
    public IReadOnlyList<object?> Values(string property) => [.. Output.Select(item => item.Properties[property]?.Value)];

    /// <summary>This result; with an error in it, the test ends here and shows it.</summary>
    public SessionResult WithoutErrors() => AllErrors.FirstOrDefault() is { } error
        ? throw new InvalidOperationException($"{error.FullyQualifiedErrorId}: {error.Exception.Message}\n{error.ScriptStackTrace}", error.Exception)
        : this;
}
