using Kaleidofs.Engine;
using Kaleidofs.Host.Virtio;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Fuzz.Fuse;
using Kaleidofs.Tests.Support.Memory;

namespace Kaleidofs.Tests.Fuzz.Virtio;

/// <summary>Requests and rings that change under the reader's eyes. A seed brings back what they change between, and not when.</summary>
internal sealed unsafe class RaceTarget : FuzzTarget
{
    private const int Cases = 300;
    private const int Room = 8 << 10;

    private readonly Scribbler _scribbler = new();
    private readonly GuardedMemory _memory = new(2 * Room);
    private readonly VirtioRequest _chain = new(null!);

    public override string Name => "race";

    public override int Run(Xorshift random)
    {
        Requests(random);
        Rings(random);
        return 2 * Cases;
    }

    public override void Dispose()
    {
        _scribbler.Dispose();
        _memory.Dispose();
    }

    private void Requests(Xorshift random)
    {
        WatchedFileSystem fileSystem = new(new FileSystemInfo { IsReadOnly = false });
        RecordingLog log = new();
        FuseSession session = new(fileSystem, new FuseSessionOptions(), log);
        RequestGenerator generator = new(random);
        ChangingRequest request = new(_memory);
        for (int i = 0; i < Cases; i++)
        {
            byte[] first = new byte[Room];
            byte[] second = new byte[Room];
            int length = Copy(i == 0 ? generator.Initialize() : generator.Next(), first);
            length = Math.Max(length, Copy(generator.Next(), second));
            first.CopyTo(_memory.Span);
            request.Prepare(length, random.Below(Room));
            if (i > 0)
            {
                _scribbler.Begin((byte*)_memory.Start, second[..(length & ~7)]);
            }
            session.Dispatch(request);
            _scribbler.End();
            request.Check(Room);
        }
        if (fileSystem.Faults.Count > 0)
        {
            throw new FuzzException($"the contract was broken: {string.Join("; ", fileSystem.Faults)}");
        }
        if (log.Lines.FirstOrDefault(line => line.Contains(" failed: ", StringComparison.Ordinal)) is { } failure)
        {
            throw new FuzzException($"an exception: {failure}");
        }
    }

    private void Rings(Xorshift random)
    {
        using FuzzedMemory memory = new(random);
        FuzzedRing ring = FuzzedRing.Create(random, memory);
        byte[] other = new byte[(ring.EndWritten - ring.FirstArea) & ~7];
        for (int i = 0; i < Cases; i++)
        {
            ring.OfferNonsense();
            memory.Bytes.Slice(ring.FirstArea, other.Length).CopyTo(other);
            for (int changes = random.Between(1, 20); changes > 0; changes--)
            {
                BitConverter.TryWriteBytes(other.AsSpan(random.Below(other.Length / 8) * 8), random.Number());
            }
            ring.Offer(ring.Buffers());
            fixed (byte* start = memory.Bytes[ring.FirstArea..])
            {
                _scribbler.Begin(start, other);
                string? fault = ring.Ring.CountAvailable(out string? wrong) > 0 && wrong is null ? ring.Ring.Take(memory.Memory, _chain) : "nothing to take";
                if (fault is null)
                {
                    CheckChain(memory);
                    ring.Ring.AddUsed(_chain, 0);
                    ring.Ring.Publish(out _);
                }
                _scribbler.End();
                if (fault is not null)
                {
                    // As a device that was reset has it.
                    ring = FuzzedRing.Create(random, memory);
                    other = new byte[(ring.EndWritten - ring.FirstArea) & ~7];
                }
            }
        }
    }

    private void CheckChain(FuzzedMemory memory)
    {
        foreach (SegmentList list in (SegmentList[])[_chain.Readable, _chain.Writable])
        {
            foreach (BufferSegment segment in list.Segments)
            {
                memory.GuestAddressOf(segment.Pointer, (ulong)segment.Length);
            }
        }
    }

    private static int Copy(ReadOnlySpan<byte> message, byte[] buffer)
    {
        message = message[..Math.Min(message.Length, buffer.Length)];
        message.CopyTo(buffer);
        return message.Length;
    }

    /// <summary>A request that nobody can say the content of: only its reply can be looked at.</summary>
    private sealed class ChangingRequest(GuardedMemory memory) : FuseRequest
    {
        private int _completions;
        private int _written;

        public void Prepare(int length, int room)
        {
            _completions = 0;
            Readable.Clear();
            Writable.Clear();
            Readable.Add(memory.Start, length);
            Writable.Add(memory.Start + memory.Length - room, room);
            memory.Expect();
        }

        public override void Complete(int written)
        {
            _written = written;
            _completions++;
        }

        public void Check(int changing)
        {
            memory.Allow(memory.Start, changing);
            foreach (BufferSegment segment in Writable.Segments)
            {
                memory.Allow(segment.Pointer, segment.Length);
            }
            OutHeader header = _written < 16 ? default : *(OutHeader*)(memory.Start + memory.Length - Writable.Length);
            if (_completions != 1 || _written > Writable.Length || _written is > 0 and < 16 || header.Length != (uint)_written || header.Error is > 0 or <= -512 || (header.Error != 0 && _written != 16) || memory.FindChange() >= 0)
            {
                throw new FuzzException($"{_completions} completions, {_written} bytes written of {Writable.Length}, header {header.Length} {header.Error}, changed at {memory.FindChange()}");
            }
        }
    }
}
