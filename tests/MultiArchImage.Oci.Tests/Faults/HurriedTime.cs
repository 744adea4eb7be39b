namespace MultiArchImage.Oci.Tests.Faults;

/// <summary>The system's clock, with waits that take a tenth of their time: how long they are is tested where it matters.</summary>
internal sealed class HurriedTime : TimeProvider
{
    private const int Factor = 10;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? dueTime / Factor : dueTime, period);
}
