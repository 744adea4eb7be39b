using System.Management.Automation.Host;

namespace MultiArchImage.Host;

/// <summary>
/// The console's size and keys. What concerns screen cells is refused: that is for editors and games, and no other terminal than
/// Windows' own can do it.
/// </summary>
internal sealed class ConsoleRawUserInterface : PSHostRawUserInterface
{
    /// <summary>Logs are read 80 columns wide, and a pipe has no width of its own.</summary>
    private const int DefaultWidth = 80;

    private const int DefaultHeight = 25;

    // A terminal may be there and not know its size (a serial line, `docker run -t` before its first resize); it then says 0.
    public override Size BufferSize
    {
        get => Console.IsOutputRedirected || Console.WindowWidth <= 0
            ? new Size(DefaultWidth, DefaultHeight)
            : new Size(Console.WindowWidth, Math.Max(1, Console.WindowHeight));
        set => throw Unsupported();
    }

    public override Size WindowSize { get => BufferSize; set => throw Unsupported(); }

    public override Size MaxWindowSize => BufferSize;

    public override Size MaxPhysicalWindowSize => BufferSize;

    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

    public override Coordinates CursorPosition { get; set; }

    public override Coordinates WindowPosition { get; set; }

    public override int CursorSize { get; set; } = 1;

    public override string WindowTitle { get; set; } = "";

    public override bool KeyAvailable => !Console.IsInputRedirected && Console.KeyAvailable;

    public override void FlushInputBuffer()
    {
    }

    public override KeyInfo ReadKey(ReadKeyOptions options) => throw Unsupported();

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw Unsupported();

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw Unsupported();

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw Unsupported();

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) => throw Unsupported();

    private static NotSupportedException Unsupported() => new("This host cannot address the screen.");
}
