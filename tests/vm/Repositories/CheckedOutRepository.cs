using Kaleidofs.Tests.Vm.Archives;

namespace Kaleidofs.Tests.Vm.Repositories;

/// <summary>A packed repository of two commits, v1 and then main, and v1 as git checks it out.</summary>
public sealed class CheckedOutRepository : IDisposable
{
    private const string Settings = """
        set -e
        export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=author GIT_AUTHOR_EMAIL=author@example.com
        export GIT_COMMITTER_NAME=author GIT_COMMITTER_EMAIL=author@example.com GIT_AUTHOR_DATE='@1700000000 +0000' GIT_COMMITTER_DATE='@1700000000 +0000'
        umask 022
        mkdir -p "$1" && cd "$1"

        """;

    private const string Make = """
        git init -q -b main .
        cp -r "$2"/. . && ln -s package/package.json link && printf '#!/bin/sh\necho hello\n' >run && chmod 755 run
        mkdir program
        printf '#include "greeting.h"\n#include <stdio.h>\nint main(void) { puts(GREETING); return 0; }\n' >program/main.c
        printf '#define GREETING "from v1"\n' >program/greeting.h
        printf 'program: main.o\n\t$(CC) -o $@ $^\nmain.o: $(SOURCE)/main.c $(SOURCE)/greeting.h\n\t$(CC) -c -o $@ $<\n' >program/Makefile
        git add -A && git commit -q -m first && git tag v1
        find package -name '*.cs' | sort | head -40 | while read -r file; do echo "// changed" >>"$file"; done
        printf '#define GREETING "from main"\n' >program/greeting.h
        git add -A && git commit -q -m second
        git repack -adfq
        git worktree add -q --detach "$3" v1 && rm "$3/.git"
        find "$3" -exec touch -h -d @1700000000 {} +
        """;

    private readonly TemporaryFolder _folder = new();

    public CheckedOutRepository() => Run(Make, RealArchives.Get("package.tgz").Tree, Tree);

    /// <summary>The repository, with a working tree of main.</summary>
    public string Path => _folder.At("repository");

    /// <summary>What git checked out of v1; all of it has the commit's time.</summary>
    public string Tree => _folder.At("v1");

    /// <summary>Why there is none on this machine, or null.</summary>
    public static string? Missing => Shell.Run("command -v git").Status == 0 ? null : "there is no git";

    /// <summary>Runs a script in the repository; <c>$1</c> is its path.</summary>
    public string Run(string script, params IEnumerable<string> arguments) => Shell.Run(Settings + script, [Path, .. arguments]).Succeeded().Text;

    public void Dispose() => _folder.Dispose();
}
