using System.Runtime.CompilerServices;

namespace Kaleidofs.Protocol;

/// <summary>What a request of one opcode looks like: all that must be known to check it before anything acts on it.</summary>
/// <param name="BodySize">Bytes of the fixed struct after the header; 0 if there is none.</param>
/// <param name="Names">NUL-ended strings after the struct.</param>
/// <param name="Tail">What follows.</param>
/// <param name="HasReply">FORGET and INTERRUPT get no answer.</param>
internal readonly record struct OpcodeInfo(int BodySize, int Names, OpcodeTail Tail, bool HasReply)
{
    private static readonly OpcodeInfo[] Table = Build();

    /// <summary>Whether the engine serves this opcode at all; others are answered ENOSYS.</summary>
    public bool IsKnown { get; private init; }

    /// <summary>The most bytes after the header that are copied out: the struct, strings of PATH_MAX, and a value of XATTR_SIZE_MAX (64 KiB).</summary>
    public int MaxCopied => BodySize + (Names * (NameParser.MaxStringLength + 1)) + (Tail == OpcodeTail.Copied ? 64 << 10 : 0);

    public static OpcodeInfo Of(Opcode opcode) => (uint)opcode < (uint)Table.Length ? Table[(int)opcode] : default;

    private static OpcodeInfo[] Build()
    {
        OpcodeInfo[] table = new OpcodeInfo[(int)Opcode.CopyFileRange64 + 1];
        void Add(Opcode opcode, int body, int names = 0, OpcodeTail tail = OpcodeTail.None, bool reply = true)
            => table[(int)opcode] = new OpcodeInfo(body, names, tail, reply) { IsKnown = true };

        Add(Opcode.Init, 16, tail: OpcodeTail.Copied);
        Add(Opcode.Destroy, 0);
        Add(Opcode.Interrupt, Unsafe.SizeOf<InterruptIn>(), reply: false);
        Add(Opcode.Forget, Unsafe.SizeOf<ForgetIn>(), reply: false);
        Add(Opcode.BatchForget, Unsafe.SizeOf<BatchForgetIn>(), tail: OpcodeTail.InPlace, reply: false);

        Add(Opcode.Lookup, 0, 1);
        Add(Opcode.GetAttr, Unsafe.SizeOf<GetAttrIn>());
        Add(Opcode.StatX, Unsafe.SizeOf<StatXIn>());
        Add(Opcode.ReadLink, 0);
        Add(Opcode.Access, Unsafe.SizeOf<AccessIn>());
        Add(Opcode.StatFs, 0);
        Add(Opcode.GetXAttr, Unsafe.SizeOf<GetXAttrIn>(), 1);
        Add(Opcode.ListXAttr, Unsafe.SizeOf<GetXAttrIn>());

        Add(Opcode.Open, Unsafe.SizeOf<OpenIn>());
        Add(Opcode.Read, Unsafe.SizeOf<ReadIn>());
        Add(Opcode.LSeek, Unsafe.SizeOf<LSeekIn>());
        Add(Opcode.Flush, Unsafe.SizeOf<FlushIn>());
        Add(Opcode.Release, Unsafe.SizeOf<ReleaseIn>());
        Add(Opcode.OpenDir, Unsafe.SizeOf<OpenIn>());
        Add(Opcode.ReadDir, Unsafe.SizeOf<ReadIn>());
        Add(Opcode.ReadDirPlus, Unsafe.SizeOf<ReadIn>());
        Add(Opcode.ReleaseDir, Unsafe.SizeOf<ReleaseIn>());

        Add(Opcode.SetAttr, Unsafe.SizeOf<SetAttrIn>());
        Add(Opcode.MkNod, Unsafe.SizeOf<MkNodIn>(), 1);
        Add(Opcode.MkDir, Unsafe.SizeOf<MkDirIn>(), 1);
        Add(Opcode.SymLink, 0, 2);
        Add(Opcode.Link, Unsafe.SizeOf<LinkIn>(), 1);
        Add(Opcode.Unlink, 0, 1);
        Add(Opcode.RmDir, 0, 1);
        Add(Opcode.Rename, Unsafe.SizeOf<RenameIn>(), 2);
        Add(Opcode.Rename2, Unsafe.SizeOf<Rename2In>(), 2);
        Add(Opcode.Create, Unsafe.SizeOf<CreateIn>(), 1);
        Add(Opcode.TmpFile, Unsafe.SizeOf<CreateIn>(), 1);
        Add(Opcode.Write, Unsafe.SizeOf<WriteIn>(), tail: OpcodeTail.InPlace);
        Add(Opcode.FSync, Unsafe.SizeOf<FSyncIn>());
        Add(Opcode.FSyncDir, Unsafe.SizeOf<FSyncIn>());
        Add(Opcode.SyncFs, Unsafe.SizeOf<SyncFsIn>());
        Add(Opcode.FAllocate, Unsafe.SizeOf<FAllocateIn>());
        Add(Opcode.CopyFileRange, Unsafe.SizeOf<CopyFileRangeIn>());
        Add(Opcode.CopyFileRange64, Unsafe.SizeOf<CopyFileRangeIn>());
        Add(Opcode.SetXAttr, Unsafe.SizeOf<SetXAttrIn>(), 1, OpcodeTail.Copied);
        Add(Opcode.RemoveXAttr, 0, 1);
        return table;
    }
}
