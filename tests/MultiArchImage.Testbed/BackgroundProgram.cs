using System.Diagnostics;

namespace MultiArchImage.Testbed;

/// <summary>A program of this machine that runs until it is ended, and is heard line by line.</summary>
internal abstract class BackgroundProgram : IAsyncDisposable
{
    /// <summary>Whether it is known to have ended by itself.</summary>
    public abstract bool HasEnded { get; }

    /// <summary>Starts a program.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="arguments">Its arguments; paths in them are those of this process.</param>
    /// <param name="hear">Gets each line that it prints.</param>
    public static BackgroundProgram Start(string name, IReadOnlyList<string> arguments, Action<string> hear) =>
        WineMachine.IsHere ? new BeneathWine(name, arguments, hear) : new Child(name, arguments, hear);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    private sealed class Child : BackgroundProgram
    {
        private readonly Process _process;

        public Child(string name, IReadOnlyList<string> arguments, Action<string> hear)
        {
            _process = Process.Start(new ProcessStartInfo(Tool.Find(name)!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            _process.OutputDataReceived += Hear;
            _process.ErrorDataReceived += Hear;
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();

            void Hear(object sender, DataReceivedEventArgs line)
            {
                if (line.Data is not null)
                    hear(line.Data);
            }
        }

        public override bool HasEnded => _process.HasExited;

        public override async ValueTask DisposeAsync()
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }

    private sealed class BeneathWine : BackgroundProgram
    {
        private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

        private readonly TemporaryFolder _folder = new();
        private readonly CancellationTokenSource _ended = new();
        private readonly Task _hearing;

        public BeneathWine(string name, IReadOnlyList<string> arguments, Action<string> hear)
        {
            var output = _folder.Write("output", "");
            WineMachine.Run(_folder, "start.sh", $"echo $$ > {WineMachine.Quote(_folder["id"])}\nexec {WineMachine.Quote([name, .. arguments])} > {WineMachine.Quote(output)} 2>&1");
            _hearing = Task.Run(() => HearAsync(output, hear));
        }

        public override bool HasEnded => false;

        public override async ValueTask DisposeAsync()
        {
            var id = await File.ReadAllTextAsync(_folder["id"]);
            await WineMachine.RunToEndAsync(_folder, $"kill -KILL {id.Trim()}; while kill -0 {id.Trim()}; do sleep 0.01; done");
            await _ended.CancelAsync();
            await _hearing;
            _ended.Dispose();
            _folder.Dispose();
        }

        private async Task HearAsync(string file, Action<string> hear)
        {
            using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            var line = "";
            while (!_ended.IsCancellationRequested)
            {
                line += await reader.ReadToEndAsync();
                for (int end; (end = line.IndexOf('\n', StringComparison.Ordinal)) >= 0; line = line[(end + 1)..])
                    hear(line[..end]);
                await Task.Delay(Pause);
            }
        }
    }
}
