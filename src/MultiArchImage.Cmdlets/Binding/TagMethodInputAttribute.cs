using System.Management.Automation;

namespace MultiArchImage.Cmdlets.Binding;

/// <summary>Reads methods as global-jjb's <c>container-tag-method</c> has them too: <c>git-describe</c>, <c>yaml-file</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TagMethodInputAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
        {
            // Only letters: Enum.Parse takes numbers and lists too.
            string text when Enum.TryParse<TagMethod>(text.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var method)
                && text.All(letter => char.IsAsciiLetter(letter) || letter == '-') => method,
            TagMethod method => method,
            var other => throw new ArgumentTransformationMetadataException(
                $"'{other}' is no method for a tag: write {string.Join(", ", Enum.GetNames<TagMethod>())}; global-jjb's git-describe and yaml-file are known too."),
        };
}
