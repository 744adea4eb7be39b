using System.Management.Automation;

namespace MultiArchImage.Cmdlets.Pipeline;

/// <summary>Something that work on the thread pool wants written; only the pipeline thread may write.</summary>
internal abstract record PipelineRecord
{
    /// <summary>Writes to the cmdlet's streams, on the pipeline thread.</summary>
    public abstract void WriteTo(Cmdlet cmdlet);

    /// <summary>Objects for the next command; the work waits until it took them, which holds a fast producer back.</summary>
    internal sealed record Output(IReadOnlyList<object> Values, TaskCompletionSource Taken) : PipelineRecord
    {
        public override void WriteTo(Cmdlet cmdlet)
        {
            foreach (var value in Values)
                cmdlet.WriteObject(value);
            Taken.TrySetResult();
        }
    }

    internal sealed record Failure(ErrorRecord Error) : PipelineRecord
    {
        public override void WriteTo(Cmdlet cmdlet) => cmdlet.WriteError(Error);
    }

    internal sealed record Warning(string Message) : PipelineRecord
    {
        public override void WriteTo(Cmdlet cmdlet) => cmdlet.WriteWarning(Message);
    }

    internal sealed record Verbose(string Message) : PipelineRecord
    {
        public override void WriteTo(Cmdlet cmdlet) => cmdlet.WriteVerbose(Message);
    }

    internal sealed record Debug(string Message) : PipelineRecord
    {
        public override void WriteTo(Cmdlet cmdlet) => cmdlet.WriteDebug(Message);
    }

    /// <summary>What a long step came to.</summary>
    internal sealed record Information(string Message) : PipelineRecord
    {
        private static readonly string[] Tags = ["MultiArchImage"];

        public override void WriteTo(Cmdlet cmdlet) => cmdlet.WriteInformation(Message, Tags);
    }

    internal sealed record Progress(ProgressRecord Record) : PipelineRecord
    {
        public override void WriteTo(Cmdlet cmdlet) => cmdlet.WriteProgress(Record);
    }

    /// <summary>A question to <c>-WhatIf</c> and <c>-Confirm</c>, with its answer.</summary>
    internal sealed record Question(string Description, string Sentence, TaskCompletionSource<bool> Answer) : PipelineRecord
    {
        public override void WriteTo(Cmdlet cmdlet) => Answer.TrySetResult(cmdlet.ShouldProcess(Description, Sentence, "Confirm"));
    }
}
