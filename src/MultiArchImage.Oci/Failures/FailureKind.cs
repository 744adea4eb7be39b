namespace MultiArchImage;

/// <summary>What sort of failure an <see cref="ImageException"/> is; the cmdlets make an <c>ErrorCategory</c> of it.</summary>
public enum FailureKind
{
    /// <summary>The user gave something that cannot be.</summary>
    InvalidArgument,

    /// <summary>A store holds something malformed or untrue.</summary>
    InvalidData,

    /// <summary>What was asked for is not there.</summary>
    NotFound,

    /// <summary>Something that may not be there twice, or not be replaced, is there.</summary>
    Exists,

    /// <summary>No, or wrong, credentials.</summary>
    Unauthorized,

    /// <summary>Right credentials that may not do this.</summary>
    Denied,

    /// <summary>Nothing answers.</summary>
    Unreachable,

    /// <summary>Something that should be here is not: an engine, a credential helper, a program.</summary>
    Unavailable,

    /// <summary>A wait ran out.</summary>
    Timeout,

    /// <summary>A limit of a registry was reached.</summary>
    LimitReached,

    /// <summary>The operation began and did not succeed.</summary>
    Failed,

    /// <summary>This module cannot do what was asked.</summary>
    NotSupported,
}
