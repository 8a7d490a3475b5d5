using static Kaleidofs.Tests.Posix.Errno;

namespace Kaleidofs.Tests.Posix;

internal static class PermissionCases
{
    public static readonly (string, Action<Tree>)[] Table =
    [
        ("access: what is there exists and can be read", tree => Check.Succeeds(Libc.Access(tree["hello.txt"], Libc.F_OK | Libc.R_OK))),
        ("access: what is not there is ENOENT", tree => Check.Fails(Libc.Access(tree["missing"], Libc.F_OK), ENOENT)),
        ("access: a file that nobody may execute is EACCES, even for root", tree => Check.Fails(Libc.Access(tree["hello.txt"], Libc.X_OK), EACCES)),
        ("access: an executable file may be executed", tree => Check.Succeeds(Libc.Access(tree["modes/0755"], Libc.X_OK))),
        ("access: writing is EROFS where the mount says so", WriteAccess),
        ("permissions: another user reads what the mode allows and nothing else", OtherUser),
    ];

    private static void WriteAccess(Tree tree)
    {
        Check.Succeeds(Libc.StatFs(tree.Root, out StatFsBuffer statistics));
        long result = Libc.Access(tree["modes/0777"], Libc.W_OK);
        if ((statistics.Flags & StatFsBuffer.ReadOnly) != 0 || result < 0)
            Check.Fails(result, EROFS);
    }

    /// <summary>Root alone can become another user; for anybody else the modes of their own files are checked.</summary>
    private static void OtherUser(Tree tree)
    {
        if (Libc.EffectiveUser() != 0)
        {
            Check.Fails(Libc.Open(tree["secret"], Libc.O_RDONLY), EACCES);
            return;
        }
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Check.Succeeds(Libc.BecomeUser(1000, 1001));
                Check.Succeeds(Libc.Stat(tree["hello.txt"], out _), "stat of a public file");
                Check.Fails(Libc.Open(tree["secret"], Libc.O_RDONLY), EACCES);
                Check.Fails(Libc.Stat(tree["closed/inside"], out _), EACCES);
                Check.Fails(Libc.Open(tree["closed"], Libc.O_DIRECTORY), EACCES);
                Check.Succeeds(Libc.Stat(tree["modes/0644"], out _), "stat below a directory of mode 0711");
                Check.Fails(Libc.Open(tree["modes"], Libc.O_DIRECTORY), EACCES);
                int file = (int)Check.Succeeds(Libc.Open(tree["hello.txt"], Libc.O_RDONLY));
                Libc.Close(file);
            }
            catch (CheckFailedException exception)
            {
                failure = exception;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
            throw failure;
    }
}
