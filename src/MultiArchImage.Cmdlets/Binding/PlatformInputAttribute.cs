using System.Collections;
using System.Management.Automation;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Cmdlets.Binding;

/// <summary>Reads platforms as people write them (<c>linux/arm64</c>, <c>aarch64</c>) and says the right form where it cannot.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PlatformInputAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var input = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return input is IEnumerable and not string ? ((IEnumerable)input).Cast<object>().Select(One).ToArray() : new[] { One(input) };
    }

    private static string One(object? input)
    {
        var text = $"{input}";
        return Platform.TryParse(text, out var platform)
            ? platform.ToString()
            : throw new ArgumentTransformationMetadataException(
                $"'{text}' is not a platform: write os/arch[/variant], like linux/amd64, linux/arm64 or linux/arm/v7.");
    }
}
