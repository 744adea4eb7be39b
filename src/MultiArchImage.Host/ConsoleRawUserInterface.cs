using System.Management.Automation.Host;

namespace MultiArchImage.Host;

/// <summary>The console's size, colors and title. Its cells are not read or written: scripts that run here print lines.</summary>
internal sealed class ConsoleRawUserInterface : PSHostRawUserInterface
{
    /// <summary>Tables are this wide where the output is redirected, as those of <c>pwsh</c> are.</summary>
    private static readonly Size RedirectedSize = new(80, 25);

    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

    public override Coordinates CursorPosition { get; set; }

    public override int CursorSize { get; set; } = 25;

    public override Coordinates WindowPosition { get; set; }

    public override Size BufferSize
    {
        get => WindowSize;
        set => throw CellsAreNotSupported();
    }

    public override Size WindowSize
    {
        // A terminal may not know its width, for example a serial line: then it is 0.
        get => Console.IsOutputRedirected || Console.WindowWidth <= 0 ? RedirectedSize : new Size(Console.WindowWidth, Console.WindowHeight);
        set => throw CellsAreNotSupported();
    }

    public override Size MaxWindowSize => WindowSize;

    public override Size MaxPhysicalWindowSize => WindowSize;

    public override string WindowTitle { get; set; } = "";

    public override bool KeyAvailable => !Console.IsInputRedirected && Console.KeyAvailable;

    public override KeyInfo ReadKey(ReadKeyOptions options)
    {
        if (Console.IsInputRedirected)
            throw new PromptUnavailableException("A key");
        var key = Console.ReadKey(intercept: options.HasFlag(ReadKeyOptions.NoEcho));
        return new KeyInfo((int)key.Key, key.KeyChar, default, keyDown: true);
    }

    public override void FlushInputBuffer()
    {
        while (KeyAvailable)
            Console.ReadKey(intercept: true);
    }

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw CellsAreNotSupported();

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) =>
        throw CellsAreNotSupported();

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw CellsAreNotSupported();

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw CellsAreNotSupported();

    private static NotSupportedException CellsAreNotSupported() => new("This host prints lines and has no access to the console's cells.");
}
