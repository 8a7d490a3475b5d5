using System.Buffers.Binary;
using System.Numerics;
using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Xz;

/// <summary>One stream with the header of LZMA_Alone: what .lzma files are.</summary>
internal sealed class LzmaCodec : Codec
{
    /// <summary>Properties, size of the dictionary, size of the content.</summary>
    public const int HeaderLength = 13;

    private const byte PropertiesEnd = 9 * 5 * 5;
    private const uint MinDictionary = 4096;

    /// <summary>No such file has more, so what says so is none.</summary>
    private const ulong MaxLength = 1UL << 38;

    public static LzmaCodec Instance { get; } = new();

    public override string Name => "lzma";

    public override IReadOnlyList<string> Endings { get; } = [".lzma"];

    /// <summary>There is no magic: the numbers must be such as encoders write, and the first bytes must decode.</summary>
    public override bool Recognizes(ReadOnlySpan<byte> head)
    {
        if (head.Length <= HeaderLength || head[0] >= PropertiesEnd || head[HeaderLength] != 0)
        {
            return false;
        }
        uint dictionary = BinaryPrimitives.ReadUInt32LittleEndian(head[1..]);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(head[5..]);
        bool isUsual = dictionary >= MinDictionary && (dictionary == uint.MaxValue || BitOperations.IsPow2(dictionary) || BitOperations.IsPow2(dictionary / 3));
        return isUsual && (length < MaxLength || length == ulong.MaxValue) && DecodesAtFirst(head);
    }

    public override SeekPoint GetStart(ByteRange range) => new(0, range.Start);

    public override StreamCursor Open(ByteRange range, SeekPoints? points) => new LzmaCursor(range, GetStart(range), length: null, countsCrc: false);

    private static bool DecodesAtFirst(ReadOnlySpan<byte> head)
    {
        LzmaDecoder decoder = new();
        DecoderBuffers buffers = DecoderBuffers.Rent();
        DecoderInput input = new(default, buffers.Input);
        input.Put(head, 0);
        StreamFailure failure = decoder.StartAlone();
        bool decodes = failure == StreamFailure.None;
        while (decodes && input.Count > 0)
        {
            int result = decoder.Run(input, buffers.Output, buffers.Output.Length, out _);
            if (result == LzmaLibrary.StreamEnd)
            {
                break;
            }
            // One that takes too much memory is one all the same.
            decodes = LzmaDecoder.ToFailure(result) != StreamFailure.Damaged;
            if (result != LzmaLibrary.Ok)
            {
                break;
            }
        }
        decoder.Dispose();
        DecoderBuffers.Return(buffers);
        return decodes;
    }
}
