using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Tar;
using Kaleidofs.Drivers.Archive.Zip;

[assembly: Kaleidofs.Driver("archive", typeof(Kaleidofs.Drivers.Archive.ArchiveDriver), Kaleidofs.ContractVersion.Current, "archive", "zip", "tar",
    Description = "zip, tar and tar.gz files, read in place")]

namespace Kaleidofs.Drivers.Archive;

/// <summary>Opens archives. What kind one is, is told by its content, not by its name.</summary>
public sealed class ArchiveDriver : Driver
{
    private const int HeadLength = 512;

    /// <inheritdoc/>
    public override IReadOnlyList<DriverOption> Options { get; } =
    [
        new("verify", "none|small|all", "which stored zip entries are checked before they are first served (default small: up to 16 MiB)"),
        new("transcode", "auto|on|off", "what is decoded only once, into the cache's tier on disk (default auto: streams without seek points of their own)"),
    ];

    /// <inheritdoc/>
    public override bool Recognizes(string path, ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty)
        {
            return false;
        }
        try
        {
            using ArchiveFile file = ArchiveFile.Open(path, DriverLog.Silent);
            return Recognize(file, head, Codecs.Recognize(head)) != ArchiveKind.None;
        }
        catch (SourceException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<FileSystem> OpenAsync(DriverContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.CheckOptions(Options);
        StoredVerification verification = GetVerification(context);
        TranscodeMode transcode = GetTranscodeMode(context);
        ArchiveFile file = ArchiveFile.Open(context.Source, context.Log, context.Files);
        try
        {
            return new(Open(file, context, verification, transcode, new OpeningProgress(file.Path, context.Log, cancellationToken)));
        }
        catch (SourceException exception) when (!exception.Message.StartsWith(file.Path, StringComparison.Ordinal))
        {
            // From a tree, which does not know of what.
            file.Dispose();
            throw new SourceException($"{file.Path}: {exception.Message}", exception);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static StoredVerification GetVerification(DriverContext context)
        => context.Options.GetValueOrDefault("verify", "small") switch
        {
            "none" => StoredVerification.None,
            "small" => StoredVerification.Small,
            "all" => StoredVerification.All,
            string other => throw new SourceException($"verify={other}: one of none, small and all") { IsUsageError = true },
        };

    private static TranscodeMode GetTranscodeMode(DriverContext context)
        => context.Options.GetValueOrDefault("transcode", "auto") switch
        {
            "auto" => TranscodeMode.Auto,
            "on" => TranscodeMode.On,
            "off" => TranscodeMode.Off,
            string other => throw new SourceException($"transcode={other}: one of auto, on and off") { IsUsageError = true },
        };

    private static FileSystem Open(ByteSource file, DriverContext context, StoredVerification verification, TranscodeMode transcode, OpeningProgress progress)
    {
        byte[] head = new byte[Math.Min(HeadLength, file.Length)];
        if (!file.TryRead(0, head))
        {
            throw new SourceException($"{file.Path}: cannot be read");
        }
        Codec? codec = Codecs.Recognize(head);
        ArchiveKind kind = context.Scheme switch
        {
            "zip" => ArchiveKind.Zip,
            "tar" => ArchiveKind.Tar,
            _ => Recognize(file, head, codec),
        };
        return kind switch
        {
            ArchiveKind.Zip => ZipArchive.Open(file, context.Cache, context.Log, verification, transcode, progress),
            ArchiveKind.Tar when codec is not null => TarArchive.Open(file, codec, context.Cache, context.Log, transcode, progress),
            ArchiveKind.Tar => TarArchive.Open(file, context.Log, progress),
            _ => throw new SourceException($"{file.Path}: not an archive of a kind that is known (zip, tar, tar.gz), or damaged at its beginning"),
        };
    }

    private static ArchiveKind Recognize(ByteSource file, ReadOnlySpan<byte> head, Codec? codec)
        => ZipArchive.Recognizes(head) ? ArchiveKind.Zip
            : TarArchive.Recognizes(head) ? ArchiveKind.Tar
            : codec is not null && TarArchive.Recognizes(file, codec) ? ArchiveKind.Tar
            : ZipArchive.HasEnd(file) ? ArchiveKind.Zip
            : ArchiveKind.None;
}
