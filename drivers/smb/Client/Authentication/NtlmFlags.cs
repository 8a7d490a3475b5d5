namespace Kaleidofs.Drivers.Smb.Client.Authentication;

/// <summary>What the two sides of NTLM agree on (MS-NLMP 2.2.2.5).</summary>
[Flags]
internal enum NtlmFlags : uint
{
    None = 0,
    Unicode = 1,
    RequestTarget = 4,
    Sign = 0x10,
    Seal = 0x20,
    Ntlm = 0x200,
    Anonymous = 0x800,
    AlwaysSign = 0x8000,
    ExtendedSessionSecurity = 0x80000,
    TargetInfo = 0x800000,
    Key128 = 0x20000000,
    KeyExchange = 0x40000000,
    Key56 = 0x80000000,
}
