namespace Kaleidofs;

/// <summary>Where a request's cancellation token comes from; the engine implements it, made on first use.</summary>
public interface IRequestCancellation
{
    /// <summary>The request's token.</summary>
    CancellationToken Token { get; }
}
