using System.Globalization;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage;

/// <summary>The registry wants credentials, or other ones: 401.</summary>
public sealed class RegistryUnauthorizedException(string registry, string? repository, string reason)
    : ImageException(
        $"401 from {registry}{(repository is null ? "" : $" for {repository}")}: {reason}",
        $"run Connect-ArchRegistry {registry}, or give -Credential")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Unauthorized;
}

/// <summary>The credentials are known but may not do this: 403.</summary>
public sealed class RegistryDeniedException(string registry, string? repository, string action, string? detail)
    : ImageException(
        $"403 from {registry}{(repository is null ? "" : $" for {repository}")}: may not {action}{(detail is null ? "" : $" ({detail})")}",
        "ask the owner of the repository for the right, or connect as another user")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Denied;
}

/// <summary>The registry has no such repository.</summary>
public sealed class RepositoryNotFoundException(string registry, string repository)
    : ImageException($"{registry} has no repository {repository}", "check the name; registries also answer this where you may not look")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.NotFound;
}

/// <summary>The registry does not tell which repositories it has.</summary>
public sealed class RepositoriesNotListedException(string registry, Exception? innerException = null)
    : ImageException($"{registry} does not tell which repositories it has", $"write the repository out, like {registry}/akraino/validation:k8s-*", innerException)
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.NotSupported;
}

/// <summary>Nothing answers at the registry's address.</summary>
public sealed class RegistryUnreachableException(string registry, string reason, string remedy, Exception? innerException = null)
    : ImageException($"cannot reach the registry {registry}: {reason}", remedy, innerException)
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Unreachable;
}

/// <summary>The registry did not answer in time.</summary>
public sealed class RegistryTimeoutException(string registry, string request, TimeSpan waited)
    : ImageException(
        string.Create(CultureInfo.InvariantCulture, $"{registry} did not answer {request} within {waited.TotalSeconds:0.#} s"),
        "try again, or give a longer -TimeoutSec")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Timeout;
}

/// <summary>The registry counts requests or pulls, and there are none left: 429.</summary>
public sealed class RateLimitedException(string registry, string request, string detail)
    : ImageException($"429 from {registry} for {request}: {detail}", "wait, connect as a user with a higher limit, or allow more tries with -MaximumRetryCount")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.LimitReached;
}

/// <summary>The registry counts pulls, and those that are left are fewer than what was asked for needs.</summary>
public sealed class PullBudgetException(string registry, int needed, PullAllowance allowance)
    : ImageException(
        $"{registry} lets {allowance.Remaining} more manifests be read{Window(allowance)}, and this needs {needed}; nothing was pushed",
        $"wait, or run Connect-ArchRegistry {registry} as a user with a higher limit")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.LimitReached;

    private static string Window(PullAllowance allowance) => allowance is { Limit: { } limit, Window: { } window }
        ? string.Create(CultureInfo.InvariantCulture, $" (its limit is {limit} in {window.TotalHours:0.#} h)")
        : "";
}

/// <summary>The registry refused a request with an answer that has no failure type of its own.</summary>
/// <param name="registry">Host and port.</param>
/// <param name="request">Method and path, without query.</param>
/// <param name="status">The HTTP status.</param>
/// <param name="code">The code of distribution-spec: Error Codes; null where the answer had none.</param>
/// <param name="detail">What the registry says of it.</param>
public sealed class RegistryErrorException(string registry, string request, int status, string? code, string? detail)
    : ImageException(
        $"{registry} answered {request} with {status}{(code is null ? "" : $" {code}")}{(string.IsNullOrEmpty(detail) ? "" : $": {detail}")}",
        status >= 500 ? "the registry has a fault; try again later" : null)
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <summary>The code of distribution-spec: Error Codes.</summary>
    public string? Code => code;

    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Failed;
}

/// <summary>A stored credential, or the program that keeps it, could not be used.</summary>
public sealed class CredentialStoreException(string problem, string remedy, Exception? innerException = null)
    : ImageException(problem, remedy, innerException)
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Unavailable;
}

/// <summary>A secret or content would go over plain HTTP to another machine.</summary>
public sealed class PlainHttpRefusedException(string host)
    : ImageException($"{host} would be spoken to over plain HTTP", "give -PlainHttp if that is meant")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Denied;
}

/// <summary>A blob could not be sent whole, however often it was tried.</summary>
public sealed class UploadBrokenException : ImageException
{
    /// <param name="registry">Host and port.</param>
    /// <param name="cause">What broke it the last time.</param>
    public UploadBrokenException(string registry, ImageException cause)
        : base($"the connection to {registry} broke while a blob was sent ({cause.Message})", "try again", cause)
    {
    }

    /// <param name="registry">Host and port.</param>
    /// <param name="reason">What the registry did.</param>
    public UploadBrokenException(string registry, string reason)
        : base($"{registry} did not take a blob: {reason}", "try again; the registry may have a fault")
    {
    }

    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Unreachable;
}

/// <summary>A file in a registry's folder of certificates (<c>certs.d</c>) could not be used.</summary>
public sealed class CertificateFileException(string file, string problem, string remedy, Exception? innerException = null)
    : ImageException($"{file} {problem}", remedy, innerException)
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Unavailable;
}

/// <summary>The settings of mirrors (<c>daemon.json</c>, <c>registries.conf</c>) could not be used.</summary>
public sealed class MirrorSettingsException(string file, string problem, Exception? innerException = null)
    : ImageException($"{file} {problem}", "mend it; it names mirrors of registries", innerException)
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Unavailable;
}
