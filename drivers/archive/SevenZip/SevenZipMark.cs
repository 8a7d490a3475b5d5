namespace Kaleidofs.Drivers.Archive.SevenZip;

/// <summary>What comes next in a header (Property IDs of 7zFormat.txt).</summary>
internal enum SevenZipMark
{
    End = 0x00,
    Header = 0x01,
    ArchiveProperties = 0x02,
    AdditionalStreams = 0x03,
    MainStreams = 0x04,
    Files = 0x05,
    PackInfo = 0x06,
    UnpackInfo = 0x07,
    SubStreams = 0x08,
    Size = 0x09,
    Digests = 0x0A,
    Folders = 0x0B,
    UnpackSizes = 0x0C,
    StreamCounts = 0x0D,
    EmptyStreams = 0x0E,
    EmptyFiles = 0x0F,
    AntiItems = 0x10,
    Names = 0x11,
    CreationTimes = 0x12,
    AccessTimes = 0x13,
    ModificationTimes = 0x14,
    Attributes = 0x15,
    EncodedHeader = 0x17,
}
