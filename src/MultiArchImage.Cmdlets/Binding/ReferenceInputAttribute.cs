using System.Collections;
using System.Management.Automation;

namespace MultiArchImage.Cmdlets.Binding;

/// <summary>Lets a parameter for names take what people have, see <see cref="ReferenceText"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ReferenceInputAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        ReferenceText.Plain(inputData) is IEnumerable and not (string or IDictionary or PSObject)
            ? ((IEnumerable)ReferenceText.Plain(inputData)!).Cast<object?>().Select(ReferenceText.Of).ToArray()
            : ReferenceText.Of(inputData);
}
