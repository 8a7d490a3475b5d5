using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Kaleidofs.Drivers.Smb.Client.Authentication;
using Kaleidofs.Drivers.Smb.Client.Security;
using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Drivers.Smb.Client;

/// <summary>The way to a share: connect, agree on a dialect, authenticate, connect to the tree.</summary>
internal sealed class SmbLogon
{
    private const ushort IsGuest = 1;
    private const ushort IsNobody = 2;
    private const ushort EncryptsData = 4;
    private const uint ShareEncryptsData = 0x8000;
    private const byte IsDisk = 1;
    private const uint ValidateNegotiate = 0x00140204;
    private const int MaxSteps = 4;

    private static readonly Guid ClientGuid = Guid.NewGuid();

    private readonly SmbTarget _target;
    private readonly SmbConnection _connection;
    private readonly PreauthenticationHash _hash = new();
    private readonly NegotiateRequest _offer;
    private NegotiatedProtocol _protocol = new();

    private SmbLogon(SmbTarget target, SmbConnection connection)
    {
        _target = target;
        _connection = connection;
        _offer = new NegotiateRequest(target.Dialects, ClientGuid);
    }

    /// <exception cref="SmbException">The share cannot be reached.</exception>
    public static async Task<SmbShare> OpenAsync(SmbTarget target, CancellationToken cancellationToken)
    {
        SmbConnection connection;
        try
        {
            connection = await SmbConnection.OpenAsync(target.Server, target.Port, target.Timeout, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException exception)
        {
            string reason = exception.SocketErrorCode switch
            {
                SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "there is no server of that name; check it, and the network",
                SocketError.ConnectionRefused => $"nothing listens at port {target.Port}; check the server, and -o port=",
                _ => $"cannot connect: {exception.Message}",
            };
            throw new SmbException(reason, exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SmbException($"no answer within {target.Timeout.TotalSeconds:0} s; check the server's name and the network", exception);
        }
        try
        {
            SmbLogon logon = new(target, connection);
            await logon.NegotiateAsync(cancellationToken).ConfigureAwait(false);
            await logon.SetUpSessionAsync(cancellationToken).ConfigureAwait(false);
            SmbShare share = await logon.ConnectTreeAsync(cancellationToken).ConfigureAwait(false);
            await logon.ValidateAsync(share, cancellationToken).ConfigureAwait(false);
            return share;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task NegotiateAsync(CancellationToken cancellationToken)
    {
        (PendingRequest request, Response response) = await CallAsync(Command.Negotiate, 0, _offer.Write(), cancellationToken).ConfigureAwait(false);
        if (response.Status == NtStatus.NotSupported)
        {
            throw new SmbException("the server speaks none of the dialects 2.1, 3.0, 3.0.2 and 3.1.1; older ones are not safe and not spoken", response.Status);
        }
        Check(response, "agreeing on a dialect");
        _protocol = NegotiatedProtocol.TryParse(response.Message) ?? throw Damaged("agreeing on a dialect");
        if (!_target.Dialects.Contains(_protocol.Dialect))
        {
            throw Damaged("agreeing on a dialect");
        }
        _hash.Add(request.Sent);
        _hash.Add(response.Message);
        _connection.HasLargeRequests = (_protocol.Capabilities & Capabilities.LargeMtu) != 0;
        _connection.MaxMessageSize = (int)Math.Min(Math.Max(_protocol.MaxReadSize, _protocol.MaxTransactSize), SmbShare.MaxTransfer) + (64 << 10);
    }

    private async Task SetUpSessionAsync(CancellationToken cancellationToken)
    {
        PreauthenticationHash hash = _hash.Copy();
        NtlmExchange ntlm = new(_target.Credentials, _target.Server);
        byte[] token = SpnegoToken.WrapFirst(ntlm.Begin());
        for (int step = 0; step < MaxSteps; step++)
        {
            byte[] body = new byte[24 + token.Length];
            BinaryPrimitives.WriteUInt16LittleEndian(body, 25);
            body[3] = (byte)NegotiateRequest.SecurityMode;
            BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(12), Smb2Header.Size + 24);
            BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(14), (ushort)token.Length);
            token.CopyTo(body.AsSpan(24));
            (PendingRequest request, Response response) = await CallAsync(Command.SessionSetup, 0, body, cancellationToken).ConfigureAwait(false);
            hash.Add(request.Sent);
            if (response.Status is not (NtStatus.Success or NtStatus.MoreProcessingRequired))
            {
                throw Refused(response.Status);
            }
            if (!MessageBody.HasStructure(response.Message, 9) || !ResponseHeader.TryParse(response.Message, out ResponseHeader header) || header.SessionId == 0)
            {
                throw Damaged("logging in");
            }
            _connection.Security = SessionSecurity.None with { SessionId = header.SessionId };
            if (response.Status == NtStatus.Success)
            {
                Establish(response.Message, header.SessionId, ntlm.SessionKey, hash);
                return;
            }
            hash.Add(response.Message);
            (int offset, int length) = (BinaryPrimitives.ReadUInt16LittleEndian(response.Message.AsSpan(68)), BinaryPrimitives.ReadUInt16LittleEndian(response.Message.AsSpan(70)));
            if (!MessageBody.TrySlice(response.Message, offset, length, 9, out ReadOnlySpan<byte> answer) || SpnegoToken.Unwrap(answer.ToArray()) is not { } challenge
                || ntlm.TryAnswer(challenge) is not { } next)
            {
                throw new SmbException("the server does not take NTLMv2", NtStatus.LogonFailure);
            }
            token = SpnegoToken.Wrap(next, ntlm.Sign(SpnegoToken.MechanismList));
        }
        throw Damaged("logging in");
    }

    /// <summary>The server lets the client in: what that is worth, and how messages are protected from now on.</summary>
    private void Establish(byte[] message, ulong sessionId, byte[] sessionKey, PreauthenticationHash hash)
    {
        ushort flags = BinaryPrimitives.ReadUInt16LittleEndian(message.AsSpan(66));
        SmbCredentials credentials = _target.Credentials;
        if ((flags & (IsGuest | IsNobody)) != 0 || credentials.IsAnonymous)
        {
            if (!credentials.IsAnonymous && !credentials.AllowsGuest)
            {
                throw new SmbException($"the server knows no user {credentials} and would let anybody in as a guest; check the user and the password, or give -o guest", NtStatus.LogonFailure);
            }
            if (_protocol.RequiresSigning || _target.Protection is MessageProtection.Encrypt or MessageProtection.Sign)
            {
                throw new SmbException("guests and anonymous users have no key to sign or encrypt with", NtStatus.AccessDenied);
            }
            return;
        }
        if (sessionKey.Length != SessionKeys.KeySize)
        {
            // It lets the client in without having asked for a proof, and so without having given one.
            throw Damaged("logging in");
        }
        var keys = SessionKeys.Derive(_protocol.Dialect, sessionKey, hash.Value, _protocol.Cipher);
        MessageSigner signer = new(_protocol.SigningAlgorithm, keys.Signing);
        bool isSigned = (Smb2Header.GetFlags(message) & HeaderFlags.Signed) != 0;
        if ((isSigned || _protocol.Dialect == Dialect.Smb311) && !signer.Verify(message))
        {
            signer.Dispose();
            throw new SmbException("the server's signature is wrong: somebody changed its messages on their way, or it does not have the password", NtStatus.AccessDenied);
        }
        bool mayEncrypt = _protocol.Cipher != Cipher.None;
        bool mustEncrypt = (flags & EncryptsData) != 0;
        if (_target.Protection == MessageProtection.Encrypt && !mayEncrypt)
        {
            throw new SmbException($"the server cannot encrypt (dialect {Describe(_protocol.Dialect)})", NtStatus.AccessDenied);
        }
        bool encrypts = mayEncrypt && (mustEncrypt || _target.Protection is MessageProtection.Best or MessageProtection.Encrypt);
        _cipher = mayEncrypt ? new MessageCipher(_protocol.Cipher, keys, sessionId) : null;
        _signer = signer;
        // Even where nothing is to be protected, what decides on that is: the tree, and the check of the dialect.
        _connection.Security = new SessionSecurity(sessionId, signer, encrypts ? _cipher : null);
    }

    private MessageSigner? _signer;
    private MessageCipher? _cipher;

    private async Task<SmbShare> ConnectTreeAsync(CancellationToken cancellationToken)
    {
        byte[] path = Encoding.Unicode.GetBytes($"\\\\{_target.Server}\\{_target.Share}");
        byte[] body = new byte[8 + path.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(body, 9);
        BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(4), Smb2Header.Size + 8);
        BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(6), (ushort)path.Length);
        path.CopyTo(body.AsSpan(8));
        (_, Response response) = await CallAsync(Command.TreeConnect, 0, body, cancellationToken).ConfigureAwait(false);
        switch (response.Status)
        {
            case NtStatus.BadNetworkName or NtStatus.ObjectNameNotFound or NtStatus.ObjectNameInvalid:
                throw new SmbException($"the server has no share '{_target.Share}'; 'smbclient -L {_target.Server}' lists what it has", response.Status);
            case NtStatus.AccessDenied or NtStatus.NetworkAccessDenied:
                throw new SmbException($"{_target.Credentials} may not use the share '{_target.Share}'", response.Status);
            default:
                Check(response, $"connecting to the share '{_target.Share}'");
                break;
        }
        if (!MessageBody.HasStructure(response.Message, 16) || !ResponseHeader.TryParse(response.Message, out ResponseHeader header))
        {
            throw Damaged("connecting to the share");
        }
        if (response.Message[66] != IsDisk)
        {
            throw new SmbException($"the share '{_target.Share}' is a printer or a pipe, and has no files", NtStatus.BadNetworkName);
        }
        bool mustEncrypt = (BinaryPrimitives.ReadUInt32LittleEndian(response.Message.AsSpan(68)) & ShareEncryptsData) != 0;
        if (mustEncrypt && _connection.Security.Cipher is null)
        {
            _connection.Security = _cipher is null
                ? throw new SmbException("the share demands encryption, which this session does not have", NtStatus.AccessDenied)
                : _connection.Security with { Cipher = _cipher };
        }
        return new SmbShare(_connection, _protocol, header.TreeId);
    }

    /// <summary>
    /// Asks, in a signed message, what was agreed on: if a message was changed on its way to an older dialect, that shows. With 3.1.1 the keys
    /// themselves depend on it.
    /// </summary>
    private async Task ValidateAsync(SmbShare share, CancellationToken cancellationToken)
    {
        if (_signer is not null && _protocol.Dialect < Dialect.Smb311 && _offer.Dialects[^1] >= Dialect.Smb300)
        {
            byte[] input = new byte[24 + (_offer.Dialects.Count * 2)];
            BinaryPrimitives.WriteUInt32LittleEndian(input, (uint)_offer.Capabilities);
            ClientGuid.TryWriteBytes(input.AsSpan(4));
            BinaryPrimitives.WriteUInt16LittleEndian(input.AsSpan(20), NegotiateRequest.SecurityMode);
            BinaryPrimitives.WriteUInt16LittleEndian(input.AsSpan(22), (ushort)_offer.Dialects.Count);
            for (int index = 0; index < _offer.Dialects.Count; index++)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(input.AsSpan(24 + (index * 2)), (ushort)_offer.Dialects[index]);
            }
            SmbResult<byte[]> output = await share.ControlAsync(FileId.OfCompound, ValidateNegotiate, input, 24, cancellationToken).ConfigureAwait(false);
            // Servers of 2.1 alone do not know the question, and sign that.
            bool isUnknown = _protocol.Dialect == Dialect.Smb210 && output.Status is NtStatus.NotSupported or NtStatus.InvalidDeviceRequest or NtStatus.FileClosed;
            if (!isUnknown && !(output.IsOk && IsSame(output.Value)))
            {
                throw new SmbException("what was agreed on with the server was changed on its way: somebody may be listening", output.IsOk ? NtStatus.AccessDenied : output.Status);
            }
        }
        if (_connection.Security.Cipher is null && _target.Protection == MessageProtection.None && !_protocol.RequiresSigning)
        {
            _connection.Security = _connection.Security with { Signer = null };
        }
    }

    private bool IsSame(byte[] output)
        => output.Length == 24
            && BinaryPrimitives.ReadUInt32LittleEndian(output) == (uint)_protocol.Capabilities
            && new Guid(output.AsSpan(4, 16)) == _protocol.ServerGuid
            && BinaryPrimitives.ReadUInt16LittleEndian(output.AsSpan(20)) == _protocol.SecurityMode
            && BinaryPrimitives.ReadUInt16LittleEndian(output.AsSpan(22)) == (ushort)_protocol.Dialect;

    private async Task<(PendingRequest Request, Response Response)> CallAsync(Command command, uint treeId, byte[] body, CancellationToken cancellationToken)
    {
        PendingRequest request = new(command);
        RequestMessage message = new(Smb2Header.Size + body.Length);
        body.CopyTo(message.Add(request, treeId, body.Length));
        return (request, await _connection.CallAsync(message, cancellationToken).ConfigureAwait(false));
    }

    private void Check(in Response response, string what)
    {
        if (response.Status != NtStatus.Success)
        {
            throw response.Status == NtStatus.ConnectionDisconnected
                ? new SmbException($"{what} failed: {_connection.Failure}", response.Status)
                : new SmbException($"{what} failed: the server says 0x{(uint)response.Status:X8}", response.Status);
        }
    }

    private SmbException Refused(NtStatus status) => new(
        status switch
        {
            NtStatus.LogonFailure or NtStatus.WrongPassword => $"the server does not know the user {_target.Credentials}, or the password is wrong",
            NtStatus.PasswordExpired or NtStatus.PasswordMustChange => $"the password of {_target.Credentials} has expired",
            NtStatus.AccountDisabled or NtStatus.AccountExpired => $"the account {_target.Credentials} is disabled",
            NtStatus.AccountLockedOut => $"the account {_target.Credentials} is locked after too many wrong passwords",
            NtStatus.AccessDenied when _target.Credentials.IsAnonymous => "the server lets nobody in without a name; give -o user=",
            NtStatus.AccessDenied or NtStatus.AccountRestriction or NtStatus.LogonTypeNotGranted or NtStatus.InvalidWorkstation or NtStatus.InvalidLogonHours
                => $"{_target.Credentials} may not log in to the server from here",
            NtStatus.ConnectionDisconnected => $"logging in failed: {_connection.Failure}",
            NtStatus.Cancelled => "logging in was interrupted",
            _ => $"the server refused to let {_target.Credentials} in (0x{(uint)status:X8})",
        },
        status);

    private static SmbException Damaged(string what) => new($"{what} failed: the server's answer makes no sense", NtStatus.InvalidNetworkResponse);

    private static string Describe(Dialect dialect) => dialect switch
    {
        Dialect.Smb210 => "2.1",
        Dialect.Smb300 => "3.0",
        Dialect.Smb302 => "3.0.2",
        _ => "3.1.1",
    };
}
