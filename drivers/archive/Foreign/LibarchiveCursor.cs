using System.Buffers.Binary;
using System.Text;
using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Foreign;

/// <summary>A position in the tar that a worker makes of an archive.</summary>
internal sealed class LibarchiveCursor(LibarchiveCodec codec, ByteRange range) : StreamCursor
{
    /// <summary>Of processor time, and for each MiB of the archive: the slowest decoders take half a second for one.</summary>
    private static readonly TimeSpan BaseTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan TimePerMebibyte = TimeSpan.FromSeconds(2);

    private const int MaxGaps = 1 << 16;

    private readonly List<OutputGap> _gaps = [];
    private readonly byte[] _payload = new byte[WorkerFrames.MaxLength];
    private WorkerProcess? _worker;
    private int _position;
    private int _count;
    private long _produced;
    private long _inputPosition;
    private bool _isEnded;
    private string? _reason;

    public override long InputPosition => range.Start + _inputPosition;

    public override string? Reason => _reason;

    public override IReadOnlyList<OutputGap> Gaps => _gaps;

    public override uint? Crc => null;

    public override bool MoveTo(SeekPoint point)
    {
        // There is but the beginning.
        _worker?.Dispose();
        _worker = null;
        _gaps.Clear();
        _position = _count = 0;
        _produced = _inputPosition = Position = 0;
        _isEnded = false;
        return true;
    }

    public override bool TryRead(Span<byte> destination, out int count)
    {
        count = 0;
        while (!destination.IsEmpty)
        {
            if (_position == _count && !TryFill())
            {
                Position += count;
                return Failure == StreamFailure.None;
            }
            int taken = Math.Min(destination.Length, _count - _position);
            _payload.AsSpan(_position, taken).CopyTo(destination);
            _position += taken;
            count += taken;
            destination = destination[taken..];
        }
        Position += count;
        return true;
    }

    public override void Dispose() => _worker?.Dispose();

    /// <summary>Waits for the next bytes; false at the end, and if there are none, with the failure noted.</summary>
    private bool TryFill()
    {
        if (_isEnded || Failure != StreamFailure.None || (_worker is null && !TryStart()))
        {
            return false;
        }
        try
        {
            Span<byte> header = stackalloc byte[WorkerFrames.HeaderLength];
            while (true)
            {
                if (_worker!.Output.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
                {
                    return End();
                }
                int length = BinaryPrimitives.ReadInt32LittleEndian(header[1..]);
                if (length < 0 || length > _payload.Length)
                {
                    return Stop("its worker says what it should not");
                }
                _worker.Output.ReadExactly(_payload, 0, length);
                switch ((WorkerFrame)header[0])
                {
                    case WorkerFrame.Data:
                        _position = 0;
                        _count = length;
                        _produced += length;
                        if (length > 0)
                        {
                            return true;
                        }
                        break;
                    case WorkerFrame.Position when length == sizeof(long):
                        _inputPosition = Math.Clamp(BinaryPrimitives.ReadInt64LittleEndian(_payload), 0, range.End - range.Start);
                        break;
                    case WorkerFrame.Damage or WorkerFrame.Omission when _gaps.Count < MaxGaps:
                        _gaps.Add(new OutputGap((WorkerFrame)header[0] == WorkerFrame.Damage ? _produced : -1, ReadReason(length)));
                        break;
                    default:
                        return Stop(ReadReason(length));
                }
            }
        }
        catch (IOException)
        {
            return End();
        }
    }

    private bool TryStart()
    {
        if (range.File is not ArchiveFile file)
        {
            return Refuse(StreamFailure.Unreadable, $"a {codec.Name} archive is read only where it is a file of its own, in one piece");
        }
        try
        {
            _worker = file.Workers.Start(typeof(LibarchiveWorker), file.Handle, BaseTime + (TimePerMebibyte * ((range.End - range.Start) / (double)(1 << 20))));
            return true;
        }
        catch (SourceException exception)
        {
            return Refuse(StreamFailure.Unreadable, exception.Message);
        }
    }

    private bool End()
    {
        if (!_worker!.HasSucceeded())
        {
            return Stop("the decoder failed at it, or took too long");
        }
        _isEnded = true;
        return false;
    }

    private bool Stop(string reason) => Refuse(StreamFailure.Damaged, $"the {codec.Name} data cannot be read further: {reason}");

    private bool Refuse(StreamFailure failure, string reason)
    {
        _reason = reason;
        return Fail(failure);
    }

    /// <summary>A library's words: a line, without what a terminal would take for more than text.</summary>
    private string ReadReason(int length)
        => string.Concat(Encoding.UTF8.GetString(_payload, 0, Math.Min(length, WorkerFrames.MaxReason)).Select(character => char.IsControl(character) ? ' ' : character));
}
