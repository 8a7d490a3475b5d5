using System.Collections.Frozen;

namespace Kaleidofs.Host.VhostUser;

/// <summary>What one kind of message looks like.</summary>
/// <param name="MinSize">The fewest bytes of payload.</param>
/// <param name="MaxSize">The most.</param>
/// <param name="MinDescriptors">The fewest file descriptors.</param>
/// <param name="MaxDescriptors">The most.</param>
/// <param name="HasReply">It is answered by a message of its own kind, and therefore never by an acknowledgement.</param>
internal readonly record struct MessageRule(int MinSize, int MaxSize, int MinDescriptors, int MaxDescriptors, bool HasReply)
{
    /// <summary>The most regions of one SET_MEM_TABLE.</summary>
    public const int MaxTableRegions = 8;

    private const int Word = 8;
    private const int Region = 32;
    private const int ConfigHeader = 12;
    private const int MaxConfig = 256;

    private static readonly FrozenDictionary<VhostUserRequest, MessageRule> Rules = new Dictionary<VhostUserRequest, MessageRule>
    {
        [VhostUserRequest.GetFeatures] = Query(0),
        [VhostUserRequest.SetFeatures] = Command(Word),
        [VhostUserRequest.SetOwner] = Command(0),
        [VhostUserRequest.ResetOwner] = Command(0),
        [VhostUserRequest.SetMemoryTable] = new(Word, Word + MaxTableRegions * Region, 0, MaxTableRegions, false),
        [VhostUserRequest.SetVringNum] = Command(Word),
        [VhostUserRequest.SetVringAddress] = Command(40),
        [VhostUserRequest.SetVringBase] = Command(Word),
        [VhostUserRequest.GetVringBase] = Query(Word),
        [VhostUserRequest.SetVringKick] = new(Word, Word, 0, 1, false),
        [VhostUserRequest.SetVringCall] = new(Word, Word, 0, 1, false),
        [VhostUserRequest.SetVringError] = new(Word, Word, 0, 1, false),
        [VhostUserRequest.GetProtocolFeatures] = Query(0),
        [VhostUserRequest.SetProtocolFeatures] = Command(Word),
        [VhostUserRequest.GetQueueNum] = Query(0),
        [VhostUserRequest.SetVringEnable] = Command(Word),
        [VhostUserRequest.SetBackendRequestFd] = new(0, Word, 1, 1, false),
        [VhostUserRequest.GetConfig] = new(ConfigHeader, ConfigHeader + MaxConfig, 0, 0, true),
        [VhostUserRequest.SetConfig] = new(ConfigHeader, ConfigHeader + MaxConfig, 0, 0, false),
        [VhostUserRequest.ResetDevice] = Command(0),
        [VhostUserRequest.GetMaxMemorySlots] = Query(0),
        [VhostUserRequest.AddMemoryRegion] = new(Word + Region, Word + Region, 1, 1, false),
        // Front ends may send a descriptor along for old back ends; it is closed.
        [VhostUserRequest.RemoveMemoryRegion] = new(Word + Region, Word + Region, 0, 1, false),
    }.ToFrozenDictionary();

    /// <summary>The rule for a request; null if this device does not know it.</summary>
    public static MessageRule? Find(VhostUserRequest request) => Rules.TryGetValue(request, out MessageRule rule) ? rule : null;

    /// <summary>What is wrong with a message's size or its number of descriptors; null if nothing.</summary>
    public string? Check(int size, int descriptors)
    {
        if (size < MinSize || size > MaxSize)
        {
            return $"{size} bytes of payload";
        }
        return descriptors < MinDescriptors || descriptors > MaxDescriptors ? $"{descriptors} file descriptors" : null;
    }

    private static MessageRule Command(int size) => new(size, size, 0, 0, false);

    private static MessageRule Query(int size) => new(size, size, 0, 0, true);
}
