using System.Runtime.CompilerServices;
using Kaleidofs.Protocol;

namespace Kaleidofs.Tests.Unit.Protocol;

public sealed class MessagesTests
{
    /// <summary>The sizes of the kernel's structs, as a C compiler lays out linux/fuse.h 7.45 on x86-64.</summary>
    [Fact]
    public void Every_wire_struct_has_the_kernels_size()
    {
        (string Name, int Kernel, int Ours)[] sizes =
        [
            ("fuse_in_header", 40, Unsafe.SizeOf<InHeader>()),
            ("fuse_out_header", 16, Unsafe.SizeOf<OutHeader>()),
            ("fuse_attr", 88, Unsafe.SizeOf<Attr>()),
            ("fuse_entry_out", 128, Unsafe.SizeOf<EntryOut>()),
            ("fuse_attr_out", 104, Unsafe.SizeOf<AttrOut>()),
            ("fuse_sx_time", 16, Unsafe.SizeOf<SxTime>()),
            ("fuse_statx", 256, Unsafe.SizeOf<StatX>()),
            ("fuse_statx_out", 288, Unsafe.SizeOf<StatXOut>()),
            ("fuse_statx_in", 24, Unsafe.SizeOf<StatXIn>()),
            ("fuse_init_in", 64, Unsafe.SizeOf<InitIn>()),
            ("fuse_init_out", 64, Unsafe.SizeOf<InitOut>()),
            ("fuse_interrupt_in", 8, Unsafe.SizeOf<InterruptIn>()),
            ("fuse_forget_in", 8, Unsafe.SizeOf<ForgetIn>()),
            ("fuse_batch_forget_in", 8, Unsafe.SizeOf<BatchForgetIn>()),
            ("fuse_forget_one", 16, Unsafe.SizeOf<ForgetOne>()),
            ("fuse_getattr_in", 16, Unsafe.SizeOf<GetAttrIn>()),
            ("fuse_access_in", 8, Unsafe.SizeOf<AccessIn>()),
            ("fuse_kstatfs", 80, Unsafe.SizeOf<KStatFs>()),
            ("fuse_getxattr_in", 8, Unsafe.SizeOf<GetXAttrIn>()),
            ("fuse_getxattr_out", 8, Unsafe.SizeOf<GetXAttrOut>()),
            ("fuse_setxattr_in (compat)", 8, Unsafe.SizeOf<SetXAttrIn>()),
            ("fuse_open_in", 8, Unsafe.SizeOf<OpenIn>()),
            ("fuse_open_out", 16, Unsafe.SizeOf<OpenOut>()),
            ("fuse_read_in", 40, Unsafe.SizeOf<ReadIn>()),
            ("fuse_write_in", 40, Unsafe.SizeOf<WriteIn>()),
            ("fuse_write_out", 8, Unsafe.SizeOf<WriteOut>()),
            ("fuse_lseek_in", 24, Unsafe.SizeOf<LSeekIn>()),
            ("fuse_lseek_out", 8, Unsafe.SizeOf<LSeekOut>()),
            ("fuse_flush_in", 24, Unsafe.SizeOf<FlushIn>()),
            ("fuse_release_in", 24, Unsafe.SizeOf<ReleaseIn>()),
            ("fuse_fsync_in", 16, Unsafe.SizeOf<FSyncIn>()),
            ("fuse_syncfs_in", 8, Unsafe.SizeOf<SyncFsIn>()),
            ("fuse_setattr_in", 88, Unsafe.SizeOf<SetAttrIn>()),
            ("fuse_mknod_in", 16, Unsafe.SizeOf<MkNodIn>()),
            ("fuse_mkdir_in", 8, Unsafe.SizeOf<MkDirIn>()),
            ("fuse_link_in", 8, Unsafe.SizeOf<LinkIn>()),
            ("fuse_rename_in", 8, Unsafe.SizeOf<RenameIn>()),
            ("fuse_rename2_in", 16, Unsafe.SizeOf<Rename2In>()),
            ("fuse_create_in", 16, Unsafe.SizeOf<CreateIn>()),
            ("fuse_fallocate_in", 32, Unsafe.SizeOf<FAllocateIn>()),
            ("fuse_copy_file_range_in", 56, Unsafe.SizeOf<CopyFileRangeIn>()),
            ("fuse_copy_file_range_out", 8, Unsafe.SizeOf<CopyFileRangeOut>()),
            ("fuse_dirent", 24, Unsafe.SizeOf<DirEnt>()),
            ("fuse_direntplus", 152, Unsafe.SizeOf<DirEntPlus>()),
        ];
        Assert.All(sizes, size => Assert.True(size.Kernel == size.Ours, $"{size.Name}: the kernel has {size.Kernel} bytes, we have {size.Ours}"));
    }

    [Fact]
    public void The_opcode_table_has_a_row_for_every_opcode_that_is_served()
    {
        Opcode[] unserved = [Opcode.GetLk, Opcode.SetLk, Opcode.SetLkW, Opcode.BMap, Opcode.IoCtl, Opcode.Poll, Opcode.NotifyReply, Opcode.SetupMapping, Opcode.RemoveMapping];
        foreach (Opcode opcode in Enum.GetValues<Opcode>())
        {
            Assert.Equal(!unserved.Contains(opcode), OpcodeInfo.Of(opcode).IsKnown);
        }
        Assert.False(OpcodeInfo.Of((Opcode)4096).IsKnown);
        Assert.False(OpcodeInfo.Of((Opcode)uint.MaxValue).IsKnown);
    }
}
