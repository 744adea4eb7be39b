namespace MultiArchImage.Oci.Model;

/// <summary>How long ago something was, for people: one unit, as Docker prints it.</summary>
public static class Age
{
    private const double DaysPerYear = 365.25;

    private static readonly (TimeSpan Length, string Name)[] Units =
    [
        (TimeSpan.FromDays(DaysPerYear), "year"),
        (TimeSpan.FromDays(DaysPerYear / 12), "month"),
        (TimeSpan.FromDays(7), "week"),
        (TimeSpan.FromDays(1), "day"),
        (TimeSpan.FromHours(1), "hour"),
        (TimeSpan.FromMinutes(1), "minute"),
    ];

    /// <summary><c>3 days ago</c>, <c>just now</c>; empty where the time is not known. A unit counts from two of it on: <c>36 hours ago</c>.</summary>
    /// <param name="time">In UTC.</param>
    public static string Format(DateTime? time) => time is { } known ? Format(DateTime.UtcNow - known) : "";

    /// <summary>The same of a time that has passed.</summary>
    public static string Format(TimeSpan passed)
    {
        var unit = Units.FirstOrDefault(unit => passed >= 2 * unit.Length);
        return unit.Name is not null ? $"{(long)(passed / unit.Length)} {unit.Name}s ago"
            : passed >= TimeSpan.FromMinutes(1) ? "1 minute ago"
            : "just now";
    }
}
