using System.Globalization;

namespace MultiArchImage.Oci.Model;

/// <summary>Sizes for people: decimal units and three digits, as Docker prints them.</summary>
public static class ByteSize
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

    /// <summary>The sum of sizes; of sizes that a hostile document exaggerates past all numbers, the largest number.</summary>
    public static long Sum(IEnumerable<long> sizes) => sizes.Aggregate(0L, (sum, size) => size > long.MaxValue - sum ? long.MaxValue : sum + size);

    /// <summary><c>2.21 MB</c>, <c>528 B</c>.</summary>
    public static string Format(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        while (value >= 999.5 && unit < Units.Length - 1)
            (value, unit) = (value / 1000, unit + 1);
        var digits = unit == 0 || value >= 99.95 ? "0" : value >= 9.995 ? "0.0" : "0.00";
        return $"{value.ToString(digits, CultureInfo.InvariantCulture)} {Units[unit]}";
    }
}
