using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Drivers.Smb.Client;

/// <summary>A share on one connection: the requests on files, each one message and its answer. Paths have backslashes between names, and none at the beginning.</summary>
internal sealed class SmbShare(SmbConnection connection, NegotiatedProtocol protocol, uint treeId) : IAsyncDisposable
{
    /// <summary>No request carries more, whatever the server would take.</summary>
    public const int MaxTransfer = 1 << 20;

    private const int CreditSize = 64 << 10;
    private const int ListingSize = 64 << 10;
    private const uint Impersonation = 2;
    private const uint ShareAll = 7;
    private const uint IsControl = 1;
    private const ushort WatchTree = 1;

    /// <summary>Names of files and directories, attributes, sizes, times of writing and of creation (MS-SMB2 2.2.35).</summary>
    private const uint WatchedChanges = 0x5F;
    private const byte FileInformation = 1;
    private const byte VolumeInformation = 2;
    private const byte InternalInformation = 6;

    public SmbConnection Connection => connection;

    public NegotiatedProtocol Protocol => protocol;

    /// <summary>The most that one read gets.</summary>
    public int MaxRead => GetMaxTransfer(protocol.MaxReadSize);

    /// <summary>The most that one write takes.</summary>
    public int MaxWrite => GetMaxTransfer(protocol.MaxWriteSize);

    /// <summary>Opens a path, or makes it, and asks for the file's number in the same round trip.</summary>
    public async Task<SmbResult<CreateAnswer>> CreateAsync(string path, CreateParameters parameters)
    {
        RequestMessage message = new();
        PendingRequest create = AddCreate(message, path, parameters);
        PendingRequest query = AddQuery(message, FileId.OfCompound, FileInformation, InternalInformation, 8);
        await connection.SendAsync(message).ConfigureAwait(false);
        Response response = await create.Response.ConfigureAwait(false);
        Response number = await query.Response.ConfigureAwait(false);
        SmbResult<CreateAnswer> created = ParseCreate(in response);
        return created.IsOk && number.Status == NtStatus.Success && OutputAnswer.TryParseQuery(number.Message, out ReadOnlySpan<byte> output) && output.Length == 8
            ? created.Value with { Facts = created.Value.Facts with { FileNumber = BinaryPrimitives.ReadUInt64LittleEndian(output) } }
            : created;
    }

    /// <summary>Opens a path and closes it again in one round trip: for what that does, and what it tells.</summary>
    public async Task<SmbResult<CreateAnswer>> TouchAsync(string path, CreateParameters parameters)
    {
        RequestMessage message = new();
        PendingRequest create = AddCreate(message, path, parameters);
        PendingRequest close = AddClose(message, FileId.OfCompound);
        await connection.SendAsync(message).ConfigureAwait(false);
        Response response = await create.Response.ConfigureAwait(false);
        await close.Response.ConfigureAwait(false);
        return ParseCreate(in response);
    }

    /// <summary>Opens a path, sets something of it, and closes it, in one round trip.</summary>
    public async Task<NtStatus> SetAsync(string path, CreateParameters parameters, byte informationClass, ReadOnlyMemory<byte> information)
    {
        RequestMessage message = new(1024);
        PendingRequest create = AddCreate(message, path, parameters);
        PendingRequest set = AddSet(message, FileId.OfCompound, informationClass, information.Span);
        PendingRequest close = AddClose(message, FileId.OfCompound);
        await connection.SendAsync(message).ConfigureAwait(false);
        Response created = await create.Response.ConfigureAwait(false);
        Response response = await set.Response.ConfigureAwait(false);
        Response closed = await close.Response.ConfigureAwait(false);
        return created.Status != NtStatus.Success ? created.Status : response.Status != NtStatus.Success ? response.Status : closed.Status;
    }

    /// <summary>Finds one name in a directory, as the server writes it, in one round trip. The name must have no wildcards.</summary>
    public async Task<SmbResult<(FileFacts Facts, string Name)>> FindAsync(string directory, string name)
    {
        RequestMessage message = new(1024);
        PendingRequest create = AddCreate(message, directory, new CreateParameters(AccessMask.ReadData | AccessMask.ReadAttributes, Options: CreateOptions.Directory));
        PendingRequest query = AddQueryDirectory(message, FileId.OfCompound, name, 4096, isRestart: true);
        PendingRequest close = AddClose(message, FileId.OfCompound);
        await connection.SendAsync(message).ConfigureAwait(false);
        Response created = await create.Response.ConfigureAwait(false);
        Response response = await query.Response.ConfigureAwait(false);
        await close.Response.ConfigureAwait(false);
        if (created.Status != NtStatus.Success)
        {
            return created.Status;
        }
        if (response.Status is NtStatus.NoMoreFiles or NtStatus.NoSuchFile)
        {
            return NtStatus.ObjectNameNotFound;
        }
        if (response.Status != NtStatus.Success)
        {
            return response.Status;
        }
        return TryReadFirst(response.Message, out (FileFacts Facts, string Name) found) ? found : NtStatus.InvalidNetworkResponse;
    }

    /// <summary>The next of a directory's entries (<see cref="DirectoryEntries"/>).</summary>
    public async Task<SmbResult<byte[]>> ListAsync(FileId directory, bool isFirst, CancellationToken cancellationToken)
    {
        RequestMessage message = new();
        AddQueryDirectory(message, directory, "*", ListingSize, isFirst);
        Response response = await connection.CallAsync(message, cancellationToken).ConfigureAwait(false);
        return ParseOutput(in response);
    }

    /// <summary>Waits until something changes in a directory or below it: what (<see cref="ChangeEntries"/>), or nothing if that was too much to be told.</summary>
    public async Task<SmbResult<byte[]>> WaitForChangesAsync(FileId directory, CancellationToken cancellationToken)
    {
        RequestMessage message = new();
        Span<byte> body = message.Add(new PendingRequest(Command.ChangeNotify) { IsPatient = true }, treeId, 32);
        BinaryPrimitives.WriteUInt16LittleEndian(body, 32);
        BinaryPrimitives.WriteUInt16LittleEndian(body[2..], WatchTree);
        BinaryPrimitives.WriteInt32LittleEndian(body[4..], ListingSize);
        WriteId(body[8..], directory);
        BinaryPrimitives.WriteUInt32LittleEndian(body[24..], WatchedChanges);
        Response response = await connection.CallAsync(message, cancellationToken).ConfigureAwait(false);
        return response.Status == NtStatus.NotifyEnumDir ? Array.Empty<byte>() : ParseOutput(in response);
    }

    public async Task<NtStatus> CloseAsync(FileId id)
    {
        RequestMessage message = new();
        AddClose(message, id);
        return (await connection.CallAsync(message).ConfigureAwait(false)).Status;
    }

    public async Task<NtStatus> FlushAsync(FileId id)
    {
        RequestMessage message = new();
        Span<byte> body = message.Add(new PendingRequest(Command.Flush), treeId, 24);
        BinaryPrimitives.WriteUInt16LittleEndian(body, 24);
        WriteId(body[8..], id);
        return (await connection.CallAsync(message).ConfigureAwait(false)).Status;
    }

    /// <summary>Reads up to <see cref="MaxRead"/> bytes straight to where they are wanted. Fewer than asked say nothing about the file's end: that is <see cref="NtStatus.EndOfFile"/>.</summary>
    public async Task<SmbResult<int>> ReadAsync(FileId id, long offset, int count, IBufferWriter<byte> destination, CancellationToken cancellationToken)
    {
        RequestMessage message = new();
        PendingRequest request = new(Command.Read, GetCharge(count)) { Destination = destination, DestinationSize = count };
        Span<byte> body = message.Add(request, treeId, 49);
        BinaryPrimitives.WriteUInt16LittleEndian(body, 49);
        body[2] = Smb2Header.Size + 16;
        BinaryPrimitives.WriteInt32LittleEndian(body[4..], count);
        BinaryPrimitives.WriteInt64LittleEndian(body[8..], offset);
        WriteId(body[16..], id);
        Response response = await connection.CallAsync(message, cancellationToken).ConfigureAwait(false);
        return response.Status == NtStatus.Success ? response.Count : response.Status;
    }

    /// <summary>Writes up to <see cref="MaxWrite"/> bytes; returns how many were.</summary>
    public async Task<SmbResult<int>> WriteAsync(FileId id, long offset, ReadOnlyMemory<byte> content)
    {
        const int FixedSize = 48;
        RequestMessage message = new(Smb2Header.Size + FixedSize + content.Length);
        Span<byte> body = message.Add(new PendingRequest(Command.Write, GetCharge(content.Length)), treeId, FixedSize + content.Length, content.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(body, FixedSize + 1);
        BinaryPrimitives.WriteUInt16LittleEndian(body[2..], Smb2Header.Size + FixedSize);
        BinaryPrimitives.WriteInt32LittleEndian(body[4..], content.Length);
        BinaryPrimitives.WriteInt64LittleEndian(body[8..], offset);
        WriteId(body[16..], id);
        content.Span.CopyTo(body[FixedSize..]);
        Response response = await connection.CallAsync(message).ConfigureAwait(false);
        return response.Status != NtStatus.Success ? response.Status
            : WriteAnswer.TryParse(response.Message, content.Length, out int written) ? written
            : NtStatus.InvalidNetworkResponse;
    }

    /// <summary>Sets something of an open file.</summary>
    public async Task<NtStatus> SetAsync(FileId id, byte informationClass, ReadOnlyMemory<byte> information)
    {
        RequestMessage message = new();
        AddSet(message, id, informationClass, information.Span);
        return (await connection.CallAsync(message).ConfigureAwait(false)).Status;
    }

    /// <summary>Asks for something of an open file.</summary>
    public Task<SmbResult<byte[]>> QueryFileAsync(FileId id, byte informationClass, int size) => QueryAsync(id, FileInformation, informationClass, size);

    /// <summary>Asks for something of the volume that an open file is on.</summary>
    public Task<SmbResult<byte[]>> QueryVolumeAsync(FileId id, byte informationClass, int size) => QueryAsync(id, VolumeInformation, informationClass, size);

    /// <summary>Has the server do something with an open file that has no request of its own (FSCTL).</summary>
    public async Task<SmbResult<byte[]>> ControlAsync(FileId id, uint code, ReadOnlyMemory<byte> input, int maxOutput, CancellationToken cancellationToken = default)
    {
        const int FixedSize = 56;
        RequestMessage message = new(Smb2Header.Size + FixedSize + input.Length);
        Span<byte> body = message.Add(new PendingRequest(Command.Ioctl, GetCharge(Math.Max(input.Length, maxOutput))), treeId, FixedSize + Math.Max(1, input.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(body, FixedSize + 1);
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], code);
        WriteId(body[8..], id);
        BinaryPrimitives.WriteInt32LittleEndian(body[24..], Smb2Header.Size + FixedSize);
        BinaryPrimitives.WriteInt32LittleEndian(body[28..], input.Length);
        BinaryPrimitives.WriteInt32LittleEndian(body[44..], maxOutput);
        BinaryPrimitives.WriteUInt32LittleEndian(body[48..], IsControl);
        input.Span.CopyTo(body[FixedSize..]);
        Response response = await connection.CallAsync(message, cancellationToken).ConfigureAwait(false);
        // What did not fit is asked for again by who wants it.
        return response.Status != NtStatus.Success && !(response.Status == NtStatus.BufferOverflow && code == AllocatedRanges.Control) ? response.Status
            : OutputAnswer.TryParseControl(response.Message, out ReadOnlySpan<byte> output) && output.Length <= maxOutput ? output.ToArray()
            : NtStatus.InvalidNetworkResponse;
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private async Task<SmbResult<byte[]>> QueryAsync(FileId id, byte type, byte informationClass, int size)
    {
        RequestMessage message = new();
        AddQuery(message, id, type, informationClass, size);
        Response response = await connection.CallAsync(message).ConfigureAwait(false);
        return ParseOutput(in response);
    }

    private PendingRequest AddQuery(RequestMessage message, FileId id, byte type, byte informationClass, int size)
    {
        PendingRequest request = new(Command.QueryInfo, GetCharge(size));
        Span<byte> body = message.Add(request, treeId, 41);
        BinaryPrimitives.WriteUInt16LittleEndian(body, 41);
        body[2] = type;
        body[3] = informationClass;
        BinaryPrimitives.WriteInt32LittleEndian(body[4..], size);
        WriteId(body[24..], id);
        return request;
    }

    private PendingRequest AddCreate(RequestMessage message, string path, CreateParameters parameters)
    {
        const int FixedSize = 56;
        int nameLength = path.Length * 2;
        PendingRequest request = new(Command.Create);
        Span<byte> body = message.Add(request, treeId, FixedSize + Math.Max(8, nameLength));
        BinaryPrimitives.WriteUInt16LittleEndian(body, FixedSize + 1);
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], Impersonation);
        BinaryPrimitives.WriteUInt32LittleEndian(body[24..], (uint)parameters.Access);
        BinaryPrimitives.WriteUInt32LittleEndian(body[28..], (uint)parameters.Attributes);
        BinaryPrimitives.WriteUInt32LittleEndian(body[32..], ShareAll);
        BinaryPrimitives.WriteUInt32LittleEndian(body[36..], (uint)parameters.Disposition);
        BinaryPrimitives.WriteUInt32LittleEndian(body[40..], (uint)parameters.Options);
        BinaryPrimitives.WriteUInt16LittleEndian(body[44..], Smb2Header.Size + FixedSize);
        BinaryPrimitives.WriteUInt16LittleEndian(body[46..], (ushort)nameLength);
        Encoding.Unicode.GetBytes(path, body[FixedSize..]);
        return request;
    }

    private PendingRequest AddClose(RequestMessage message, FileId id)
    {
        PendingRequest request = new(Command.Close);
        Span<byte> body = message.Add(request, treeId, 24);
        BinaryPrimitives.WriteUInt16LittleEndian(body, 24);
        WriteId(body[8..], id);
        return request;
    }

    private PendingRequest AddSet(RequestMessage message, FileId id, byte informationClass, ReadOnlySpan<byte> information)
    {
        const int FixedSize = 32;
        PendingRequest request = new(Command.SetInfo);
        Span<byte> body = message.Add(request, treeId, FixedSize + information.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(body, FixedSize + 1);
        body[2] = FileInformation;
        body[3] = informationClass;
        BinaryPrimitives.WriteInt32LittleEndian(body[4..], information.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(body[8..], Smb2Header.Size + FixedSize);
        WriteId(body[16..], id);
        information.CopyTo(body[FixedSize..]);
        return request;
    }

    private PendingRequest AddQueryDirectory(RequestMessage message, FileId id, string pattern, int size, bool isRestart)
    {
        const int FixedSize = 32;
        PendingRequest request = new(Command.QueryDirectory);
        Span<byte> body = message.Add(request, treeId, FixedSize + (pattern.Length * 2));
        BinaryPrimitives.WriteUInt16LittleEndian(body, FixedSize + 1);
        body[2] = DirectoryEntries.InformationClass;
        body[3] = isRestart ? (byte)1 : (byte)0;
        WriteId(body[8..], id);
        BinaryPrimitives.WriteUInt16LittleEndian(body[24..], Smb2Header.Size + FixedSize);
        BinaryPrimitives.WriteUInt16LittleEndian(body[26..], (ushort)(pattern.Length * 2));
        BinaryPrimitives.WriteInt32LittleEndian(body[28..], size);
        Encoding.Unicode.GetBytes(pattern, body[FixedSize..]);
        return request;
    }

    private static SmbResult<CreateAnswer> ParseCreate(in Response response)
        => response.Status != NtStatus.Success ? response.Status
            : CreateAnswer.TryParse(response.Message, out CreateAnswer answer) ? answer
            : NtStatus.InvalidNetworkResponse;

    private static SmbResult<byte[]> ParseOutput(in Response response)
        => response.Status != NtStatus.Success ? response.Status
            : OutputAnswer.TryParseQuery(response.Message, out ReadOnlySpan<byte> output) ? output.ToArray()
            : NtStatus.InvalidNetworkResponse;

    private static bool TryReadFirst(ReadOnlySpan<byte> message, out (FileFacts Facts, string Name) found)
    {
        found = default;
        int at = 0;
        if (!OutputAnswer.TryParseQuery(message, out ReadOnlySpan<byte> list) || !DirectoryEntries.TryRead(list, ref at, out FileFacts facts, out ReadOnlySpan<byte> name, out _))
        {
            return false;
        }
        found = (facts, Encoding.Unicode.GetString(name));
        return true;
    }

    private static void WriteId(Span<byte> destination, FileId id)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, id.Persistent);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], id.Volatile);
    }

    private int GetMaxTransfer(uint told) => (int)Math.Min(told, connection.HasLargeRequests ? MaxTransfer : (uint)CreditSize);

    private static int GetCharge(int size) => Math.Max(1, (size + CreditSize - 1) / CreditSize);
}
