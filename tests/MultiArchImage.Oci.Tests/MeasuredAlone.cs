namespace MultiArchImage.Oci.Tests;

/// <summary>Tests of how much memory the process takes: nothing else runs beside them.</summary>
[CollectionDefinition(nameof(MeasuredAlone), DisableParallelization = true)]
public sealed class MeasuredAlone;
