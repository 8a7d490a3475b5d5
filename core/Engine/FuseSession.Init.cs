using Kaleidofs.Protocol;

namespace Kaleidofs.Engine;

internal sealed partial class FuseSession
{
    private const uint Major = 7;

    /// <summary>The newest protocol whose structs are in <c>Protocol/</c>.</summary>
    private const uint NewestMinor = 45;

    /// <summary>Linux 5.4 speaks 7.31; nothing older than 4.20's 7.28 (max_pages) is worth a special case.</summary>
    private const uint OldestMinor = 28;

    private const int PageSize = 4096;
    private const ushort MaxBackground = 128;

    private void Initialize(FuseRequest request)
    {
        InitIn offer = request.BodyPrefix<InitIn>();
        if (offer.Major > Major)
        {
            // The kernel sends INIT again in the major version that we name.
            request.Reply(new InitOut { Major = Major, Minor = NewestMinor });
            return;
        }
        if (offer.Major < Major || offer.Minor < OldestMinor)
        {
            _log.Error($"the kernel speaks FUSE {offer.Major}.{offer.Minor}; at least {Major}.{OldestMinor} is needed (Linux 4.20)");
            request.Reply(Errno.EPROTO);
            return;
        }
        if (_state is not null)
        {
            // A guest that rebooted without telling: what it had open is gone.
            Reset();
        }

        InitFlags offered = (InitFlags)offer.Flags;
        if ((offered & InitFlags.InitExtended) != 0)
        {
            offered |= (InitFlags)((ulong)offer.Flags2 << 32);
        }
        InitFlags agreed = offered & Wanted();
        int payload = (agreed & InitFlags.MaxPages) != 0 ? _options.MaxPayload : Math.Min(_options.MaxPayload, 32 * PageSize);
        NegotiatedState state = new(Math.Min(offer.Minor, NewestMinor), agreed, payload);
        InitOut answer = new()
        {
            Major = Major,
            Minor = state.Minor,
            MaxReadAhead = offer.MaxReadAhead,
            Flags = (uint)agreed,
            Flags2 = (uint)((ulong)agreed >> 32),
            MaxBackground = MaxBackground,
            CongestionThreshold = MaxBackground / 4 * 3,
            MaxWrite = (uint)payload,
            TimeGranularity = 1,
            MaxPages = (ushort)(payload / PageSize),
        };
        _state = state;
        request.Reply(answer);
    }

    private InitFlags Wanted()
    {
        InitFlags wanted = InitFlags.AsyncRead | InitFlags.BigWrites | InitFlags.MaxPages | InitFlags.InitExtended
            | InitFlags.ParallelDirectoryOperations | InitFlags.AsyncDirectIO | InitFlags.DoReadDirPlus;
        wanted |= _info.IsImmutable ? InitFlags.CacheSymbolicLinks : InitFlags.AutoInvalidateData;
        if (MaySkipOpens)
        {
            wanted |= InitFlags.NoOpenSupport | InitFlags.NoOpenDirSupport;
        }
        if (!_info.IsReadOnly)
        {
            wanted |= InitFlags.AtomicTruncate;
        }
        if (_info.KnowsParents)
        {
            wanted |= InitFlags.ExportSupport;
        }
        if (_options.DefaultPermissions)
        {
            wanted |= InitFlags.AllowIdMap;
        }
        if (_options.OverIoUring)
        {
            wanted |= InitFlags.OverIoUring;
        }
        return wanted;
    }

    /// <summary>Without OPEN the kernel keeps its page cache for ever, and writing is refused only at the write.</summary>
    private bool MaySkipOpens => _info is { IsStateless: true, IsImmutable: true, IsReadOnly: true };

    /// <summary>Not while a directory may still get entries: without OPENDIR the kernel caches listings for ever, too.</summary>
    private bool SkipsOpens => MaySkipOpens && _fileSystem.Completion.IsCompletedSuccessfully;

    private bool Agreed(InitFlags flag) => _state is { } state && (state.Flags & flag) != 0;

    private void Destroy(FuseRequest request)
    {
        Reset();
        request.Reply(Errno.None);
    }
}
