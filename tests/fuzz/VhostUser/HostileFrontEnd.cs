using Kaleidofs.Host.Linux;
using Kaleidofs.Host.VhostUser;
using Kaleidofs.Host.Virtio;
using Kaleidofs.Tests.Fuzz.Fuse;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Fuzz.VhostUser;

/// <summary>One connection of a VMM and a guest that mean harm: in their messages, their rings, and what they ask.</summary>
internal sealed unsafe class HostileFrontEnd : IDisposable
{
    private const int Queues = 3;
    private const int Slots = 4;
    private const int MaxPayload = 16 << 10;
    private const int MaxDirectPayload = 4096;

    private readonly Xorshift _random;
    private readonly GuestRam _ram;
    private readonly FrontEndOptions _options;
    private readonly FrontEnd _frontEnd;
    private readonly HostileDescriptors _descriptors;
    private readonly MessageGenerator _messages;
    private readonly RequestGenerator _requests;
    private readonly DriverRing[] _rings;

    public HostileFrontEnd(string path, Xorshift random)
    {
        _random = random;
        _ram = new GuestRam(2 << 20, random.Between(1, 3));
        _options = new FrontEndOptions { Indirect = random.OneIn(2), EventIndex = random.OneIn(2), MemorySlots = random.OneIn(2), QueueSize = 1 << random.Between(5, 8), Packed = random.OneIn(2), InOrder = random.OneIn(4) };
        _descriptors = new HostileDescriptors(_ram);
        _messages = new MessageGenerator(random, _ram, _descriptors);
        _requests = new RequestGenerator(random);
        _frontEnd = FrontEnd.Connect(path, Deadline.After(TimeSpan.FromSeconds(30)));
        int payload = _options.Indirect ? MaxPayload : MaxDirectPayload;
        _rings = [.. Enumerable.Range(0, Queues).Select(index => DriverRing.Create(_ram, _options, index, Slots, payload))];
    }

    /// <summary>Lives the connection's life; returns how many blows it dealt.</summary>
    public int Run()
    {
        if (!_random.OneIn(10))
        {
            Start();
        }
        int steps = _random.Between(20, 400);
        for (int i = 0; i < steps; i++)
        {
            if (!TakeReplies())
            {
                return i;
            }
            Step();
        }
        if (_random.OneIn(3))
        {
            // Gone in the middle of a message.
            byte[] half = new byte[_random.Between(1, 30)];
            half[0] = (byte)VhostUserRequest.SetMemoryTable;
            half[Math.Min(4, half.Length - 1)] = 1;
            _frontEnd.SendBytes(half, []);
        }
        return steps;
    }

    public void Dispose()
    {
        _frontEnd.Dispose();
        Array.ForEach(_rings, ring => ring.Dispose());
        _descriptors.Dispose();
        _ram.Dispose();
    }

    private void Start()
    {
        _frontEnd.Start(_ram, _options);
        Array.ForEach(_rings, _frontEnd.StartQueue);
        new FuseClient(_rings[1]).Initialize();
    }

    private void Step()
    {
        DriverRing ring = _rings[_random.Below(Queues)];
        switch (_random.Below(40))
        {
            case 0:
                _messages.Send(_frontEnd);
                break;
            case 1:
                Chain(ring);
                break;
            case 2:
                Jump(ring);
                break;
            case 3:
                Restart(ring);
                break;
            case 4:
                _frontEnd.Send(_random.OneIn(2) ? VhostUserRequest.ResetDevice : VhostUserRequest.ResetOwner);
                break;
            case 5:
                MoveMemory();
                break;
            case 6 or 7:
                Scribble();
                break;
            case 8 when _random.OneIn(50):
                byte[] garbage = new byte[_random.Between(1, 3000)];
                _random.Fill(garbage);
                _frontEnd.SendBytes(garbage, []);
                break;
            case 9:
                Thread.Yield();
                break;
            case 10:
                // Another life of the guest's kernel, without a word before it.
                Request(ring, _requests.Initialize());
                break;
            default:
                Request(ring, _requests.Next());
                break;
        }
        ring.Publish();
        if (_random.OneIn(4))
        {
            Libc.Signal(ring.Kick.Number);
        }
    }

    private void Request(DriverRing ring, ReadOnlySpan<byte> message)
    {
        int slot = _random.Below(ring.Slots);
        message = message[..Math.Min(message.Length, DriverRing.RequestHeader + DriverRing.MaxBody)];
        message.CopyTo(new Span<byte>(ring.Request(slot), message.Length));
        ring.Shape(slot, Math.Max(0, message.Length - DriverRing.RequestHeader), _random.Below(_options.Indirect ? MaxPayload : MaxDirectPayload));
        ring.Submit(slot);
    }

    /// <summary>Descriptors of which anything may be wrong, in the ring or in an indirect table. Both formats have 16 bytes, address and length first.</summary>
    private void Chain(DriverRing ring)
    {
        int slot = _random.Below(ring.Slots);
        bool isTable = _options.Indirect && _random.OneIn(2);
        byte* table = isTable ? _ram.Pointer(ring.TableOffset(slot)) : ring.Descriptors;
        for (int i = 0; i < 7; i++)
        {
            ulong address = _random.OneIn(6) ? _random.Number() : GuestRam.GuestAddress((ulong)_random.Below((int)_ram.Size));
            ushort flags = (ushort)(_random.OneIn(6) ? _random.Next() : (ulong)_random.Below(8));
            ushort link = (ushort)_random.Below(_random.OneIn(10) ? 1 << 16 : 7);
            SplitDriverRing.SetDescriptor(table + 16 * i, address, (uint)(_random.OneIn(4) ? _random.Number() : (ulong)_random.Below(4096)), _options.Packed ? link : flags, _options.Packed ? flags : link);
        }
        if (isTable || _options.Packed)
        {
            ring.Submit(slot);
        }
        else
        {
            ((SplitDriverRing)ring).SubmitHead((ushort)(_random.OneIn(10) ? _random.Number() : 0));
        }
        if (_random.OneIn(2))
        {
            Recover(ring);
        }
    }

    /// <summary>The driver's index, or in a packed ring its event's place, is anywhere.</summary>
    private void Jump(DriverRing ring)
    {
        byte* driver = _ram.Pointer(_ram.OffsetOf(ring.DriverAddress));
        Volatile.Write(ref *(ushort*)(driver + (_options.Packed ? 0 : 2)), (ushort)_random.Number());
        Libc.Signal(ring.Kick.Number);
        Recover(ring);
    }

    /// <summary>A device that was broken serves nothing, and so would find no other fault.</summary>
    private void Recover(DriverRing ring)
    {
        ring.Publish();
        Thread.Yield();
        _frontEnd.Send(VhostUserRequest.ResetDevice);
        foreach (DriverRing each in _rings)
        {
            Restart(each);
        }
        Request(_rings[1], _requests.Initialize());
    }

    private void Restart(DriverRing ring)
    {
        ulong index = (uint)ring.Index;
        _frontEnd.Send(VhostUserRequest.SetVringEnable, index);
        if (_random.OneIn(2))
        {
            _frontEnd.Send(VhostUserRequest.GetVringBase, index);
        }
        _frontEnd.Send(VhostUserRequest.SetVringNum, index | (ulong)ring.Size << 32);
        _frontEnd.Send(VhostUserRequest.SetVringBase, index | (ulong)ring.Position << 32);
        _frontEnd.Send(VhostUserRequest.SetVringAddress, [index, ring.DescriptorAddress, ring.DeviceAddress, ring.DriverAddress, 0]);
        _frontEnd.Send(VhostUserRequest.SetVringKick, [index], [ring.Kick.Number]);
        _frontEnd.Send(VhostUserRequest.SetVringEnable, index | 1ul << 32);
    }

    /// <summary>Memory is pulled away under the rings, and comes back.</summary>
    private void MoveMemory()
    {
        MemoryRegionLayout region = _ram.Regions[_random.Below(_ram.Regions.Count)];
        ulong[] words = [0, region.GuestAddress, region.Size, region.UserAddress, region.FileOffset];
        _frontEnd.Send(VhostUserRequest.RemoveMemoryRegion, words);
        if (!_random.OneIn(4))
        {
            _frontEnd.Send(VhostUserRequest.AddMemoryRegion, words, [_ram.File.Number]);
        }
    }

    /// <summary>Anything may change at any time: rings, tables, requests that are being read.</summary>
    private void Scribble()
    {
        for (int i = _random.Below(50); i >= 0; i--)
        {
            *(ulong*)_ram.Pointer((ulong)_random.Below((int)_ram.Size / 8) * 8) = _random.OneIn(2) ? _random.Number() : _random.Next();
        }
    }

    /// <summary>Throws away what was answered; false once the device has closed.</summary>
    private bool TakeReplies()
    {
        byte* bytes = stackalloc byte[4096];
        while (_frontEnd.WaitReadable(Deadline.After(TimeSpan.Zero)))
        {
            if (Libc.Read(_frontEnd.Descriptor, bytes, 4096) <= 0)
            {
                return false;
            }
        }
        return true;
    }
}
