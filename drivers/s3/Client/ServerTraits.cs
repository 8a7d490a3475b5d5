namespace Kaleidofs.Drivers.S3.Client;

/// <summary>What a server does with conditions on PUT.</summary>
/// <param name="HonoursIfNoneMatch">It does not put over an object that must not be there.</param>
/// <param name="HonoursIfMatch">It does not put over another version than the one that is named.</param>
/// <param name="QuotesIfMatch">The tag is quoted there, as the standard has it.</param>
/// <param name="HonoursOnCopy">It checks both where a copy goes to.</param>
internal sealed record ServerTraits(bool HonoursIfNoneMatch, bool HonoursIfMatch, bool QuotesIfMatch, bool HonoursOnCopy)
{
    /// <summary>Amazon's.</summary>
    public static ServerTraits Standard { get; } = new(true, true, true, true);
}
