namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>What a step of a decoder came to.</summary>
internal enum DecodeStep
{
    /// <summary>The frame goes on.</summary>
    More,
    /// <summary>The frame is over, and what came out of it is what its checksum says, if it has one.</summary>
    FrameEnd,
    /// <summary>It failed; <see cref="StreamCursor.Failure"/> says why.</summary>
    Failed,
}
