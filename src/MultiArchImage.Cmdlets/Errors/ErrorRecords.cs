using System.Management.Automation;

namespace MultiArchImage.Cmdlets.Errors;

/// <summary>The one place where failures become PowerShell's error records.</summary>
internal static class ErrorRecords
{
    /// <summary>The record of a failure; <paramref name="target"/> is what it is about where the failure does not say it itself.</summary>
    public static ErrorRecord From(Exception failure, object? target)
    {
        if (failure is AggregateException { InnerExceptions: [var only] })
            return From(only, target);
        if (failure is IContainsErrorRecord { ErrorRecord: { } ready } and RuntimeException)
            return new ErrorRecord(ready, failure);
        return failure is ImageException known
            ? new ErrorRecord(known, known.ErrorId, Category(known.Kind), known.Subject ?? target)
            : new ErrorRecord(failure, failure.GetType().Name.Replace("Exception", "", StringComparison.Ordinal), Category(failure), target);
    }

    private static ErrorCategory Category(FailureKind kind) => kind switch
    {
        FailureKind.InvalidArgument => ErrorCategory.InvalidArgument,
        FailureKind.InvalidData => ErrorCategory.InvalidData,
        FailureKind.NotFound => ErrorCategory.ObjectNotFound,
        FailureKind.Exists => ErrorCategory.ResourceExists,
        FailureKind.Unauthorized => ErrorCategory.AuthenticationError,
        FailureKind.Denied => ErrorCategory.PermissionDenied,
        FailureKind.Unreachable => ErrorCategory.ConnectionError,
        FailureKind.Unavailable => ErrorCategory.ResourceUnavailable,
        FailureKind.Timeout => ErrorCategory.OperationTimeout,
        FailureKind.LimitReached => ErrorCategory.LimitsExceeded,
        FailureKind.NotSupported => ErrorCategory.NotImplemented,
        _ => ErrorCategory.InvalidResult,
    };

    private static ErrorCategory Category(Exception failure) => failure switch
    {
        UnauthorizedAccessException => ErrorCategory.PermissionDenied,
        DirectoryNotFoundException or FileNotFoundException => ErrorCategory.ObjectNotFound,
        IOException => ErrorCategory.WriteError,
        ArgumentException or FormatException => ErrorCategory.InvalidArgument,
        _ => ErrorCategory.NotSpecified,
    };
}
