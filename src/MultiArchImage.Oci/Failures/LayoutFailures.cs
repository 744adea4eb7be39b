using System.Globalization;

namespace MultiArchImage;

/// <summary>Other writers kept an image layout locked for too long.</summary>
public sealed class LayoutBusyException(string path, TimeSpan waited, Exception? innerException = null)
    : ImageException(
        string.Create(CultureInfo.InvariantCulture, $"{path} could not be locked for writing within {waited.TotalSeconds:0.#} s"),
        "let the other writer finish, or end it, and try again", innerException)
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Timeout;
}
