namespace MultiArchImage;

/// <summary>Equality by value of the collections that the public objects have; a record compares them by reference.</summary>
internal static class ValueEquality
{
    public static bool Same<T>(IReadOnlyDictionary<string, T> left, IReadOnlyDictionary<string, T> right, Func<T, T, bool>? same = null) =>
        left.Count == right.Count
        && left.All(pair => right.TryGetValue(pair.Key, out var other) && (same ?? EqualityComparer<T>.Default.Equals)(pair.Value, other));
}
