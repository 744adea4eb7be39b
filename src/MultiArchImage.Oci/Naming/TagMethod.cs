namespace MultiArchImage;

/// <summary>Where a tag comes from: the methods of the Linux Foundation's <c>container-tag-method</c>, and the branch.</summary>
public enum TagMethod
{
    /// <summary><c>latest</c>.</summary>
    Latest,

    /// <summary>The stream of the job (<c>STREAM</c>), such as a release's name; <c>latest</c> where it is the branch itself.</summary>
    Stream,

    /// <summary>What <c>git describe</c> says: the newest annotated tag, and how far the commit is from it.</summary>
    GitDescribe,

    /// <summary>The value of <c>tag</c> in <c>container-tag.yaml</c>.</summary>
    YamlFile,

    /// <summary>The branch or ref that is built, by a map: <c>master</c> is <c>latest</c>, <c>stable/*</c> is <c>stable</c>, <c>refs/tags/1.0</c> is <c>1.0</c>.</summary>
    Branch,
}
