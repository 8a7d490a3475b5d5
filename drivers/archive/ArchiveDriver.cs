using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Single;
using Kaleidofs.Drivers.Archive.Tar;
using Kaleidofs.Drivers.Archive.Zip;
using Kaleidofs.Drivers.Archive.Zip.Encryption;

[assembly: Kaleidofs.Driver("archive", typeof(Kaleidofs.Drivers.Archive.ArchiveDriver), Kaleidofs.ContractVersion.Current, "archive", "zip", "tar",
    Description = "zip and tar files (also compressed by gzip, zstd, xz, bzip2, lz4, lzip, lzma or compress), and single compressed files, read in place",
    Reads = ["{password-file}", "{stem}.z##", "{stem}.z###", "{stem}.Z##", "{stem}.Z###", "{stem}.###"])]

namespace Kaleidofs.Drivers.Archive;

/// <summary>Opens archives. What kind one is, is told by its content, not by its name.</summary>
public sealed class ArchiveDriver : Driver
{
    private const int HeadLength = 512;

    /// <inheritdoc/>
    public override IReadOnlyList<DriverOption> Options { get; } =
    [
        new("verify", "none|small|all", "which stored zip entries are checked before they are first served (default small: up to 16 MiB)"),
        new("password-file", "PATH", "the password of encrypted zip entries is this file's first line"),
        new("password-env", "NAME", "that password is in this environment variable (default KALEIDOFS_PASSWORD)"),
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
            if (ArchiveVolumes.IsVolume(path))
            {
                return true;
            }
            using ByteSource file = ArchiveVolumes.Open(path, DriverLog.Silent);
            return Recognize(file, head, Codecs.Recognize(head)) != ArchiveKind.None;
        }
        catch (SourceException)
        {
            // With a volume missing: opening it says so.
            return ZipArchive.Recognizes(head);
        }
        catch (DllNotFoundException)
        {
            // To be opened, which says what is missing.
            return true;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<FileSystem> OpenAsync(DriverContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.CheckOptions(Options);
        StoredVerification verification = GetVerification(context);
        TranscodeMode transcode = GetTranscodeMode(context);
        var password = ArchivePassword.From(context.Options);
        ByteSource file = ArchiveVolumes.Open(context.Source, context.Log, context.Files);
        try
        {
            return new(Open(file, context, verification, transcode, password, new OpeningProgress(file.Path, context.Log, cancellationToken)));
        }
        catch (SourceException exception) when (!exception.Message.StartsWith(file.Path, StringComparison.Ordinal))
        {
            // From a tree, which does not know of what.
            file.Dispose();
            throw new SourceException($"{file.Path}: {exception.Message}", exception);
        }
        catch (DllNotFoundException exception)
        {
            file.Dispose();
            throw new SourceException($"{file.Path}: a library that decodes it is not installed: {exception.Message.Split('\n')[0]}", exception);
        }
        catch (SourceException exception) when (file is SplitFile { LastPath: string last })
        {
            file.Dispose();
            throw new SourceException($"{exception.Message} (its last volume that is there is {last})", exception);
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

    private static FileSystem Open(ByteSource file, DriverContext context, StoredVerification verification, TranscodeMode transcode, ArchivePassword? password, OpeningProgress progress)
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
            ArchiveKind.Zip => ZipArchive.Open(file, context.Cache, context.Log, verification, transcode, password, progress),
            ArchiveKind.Tar when codec is not null => TarArchive.Open(file, codec, context.Cache, context.Log, transcode, progress),
            ArchiveKind.Tar => TarArchive.Open(file, context.Log, progress),
            ArchiveKind.Single => SingleFile.Open(file, codec!, context.Cache, context.Log, transcode, progress),
            _ => throw new SourceException($"{file.Path}: not an archive of a kind that is known (zip, tar, a compressed tar or file), or damaged at its beginning"),
        };
    }

    private static ArchiveKind Recognize(ByteSource file, ReadOnlySpan<byte> head, Codec? codec)
        => ZipArchive.Recognizes(head) ? ArchiveKind.Zip
            : TarArchive.Recognizes(head) ? ArchiveKind.Tar
            : codec is not null && TarArchive.Recognizes(file, codec) ? ArchiveKind.Tar
            : ZipArchive.HasEnd(file) ? ArchiveKind.Zip
            : codec is not null ? ArchiveKind.Single
            : ArchiveKind.None;
}
