namespace Kaleidofs.Tests.Vm.Archives;

/// <summary>
/// Scripts that describe a tree ($1): run on a mount and on an extracted copy, by the same tools,
/// they must print the same. What a filesystem may answer as it likes is left out: sizes, link
/// counts and blocks of directories, inode numbers, atime and ctime; and, where the archive has no
/// entries for directories (for its root, it rarely has), their times. Owners are compared if root extracted the copy.
/// </summary>
public static class Tools
{
    /// <summary>$2: 'named' if directories have entries of their own. $3: 'owners' if owners are to be compared.</summary>
    public static IReadOnlyDictionary<string, string> OfThisMachine { get; } = new Dictionary<string, string>
    {
        ["find"] = """
            set -o pipefail; cd "$1" && find . -printf '%p|%y|%m|%s|%T@|%U:%G|%l\n' | LC_ALL=C sort |
              awk -F'|' -v OFS='|' -v named="$2" -v owners="$3" '
                $2 == "d" { $4 = "-"; if (named != "named" || $1 == ".") $5 = "-" }
                owners != "owners" { $6 = "-" }
                { print }'
            """,
        ["ls -lR"] = """
            set -o pipefail; cd "$1" && ls -lRA --time-style=+%s -n . | sed '/^total /d' |
              awk -v named="$2" -v owners="$3" '
                /^d/ { $2 = "-"; $5 = "-"; if (named != "named") $6 = "-" }
                /^[-dl]/ && owners != "owners" { $3 = $4 = "-" }
                { $1 = $1; print }'
            """,
        ["stat"] = """
            set -o pipefail; cd "$1" && find . ! -type d -print0 | LC_ALL=C sort -z | xargs -0 -r stat -c '%N|%F|%A|%s|%Y|%h'
            """,
        ["tar c"] = """
            set -o pipefail; cd "$1" && find . ! -type d -print0 | LC_ALL=C sort -z |
              tar -cf - --null --no-recursion $([ "$3" = owners ] || echo --owner=0 --group=0) --numeric-owner -T - | sha256sum
            """,
        ["grep -r"] = """set -o pipefail; cd "$1" && grep -rc -e include -e the . | LC_ALL=C sort""",
        ["sha256sum"] = """set -o pipefail; cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum | LC_ALL=C sort -k 2""",
    };

    /// <summary>The same for a guest's busybox, below $1/$4.</summary>
    public static IReadOnlyDictionary<string, string> OfGuest { get; } = new Dictionary<string, string>
    {
        ["find and stat"] = """
            set -o pipefail; cd "$1/$4" && find . | sort | tr '\n' '\0' | xargs -0 stat -c '%n|%f|%s|%Y|%u:%g|%N' |
              awk -F'|' -v OFS='|' -v named="$2" -v owners="$3" '
                $2 ~ /^4/ { $3 = "-"; if (named != "named" || $1 == ".") $4 = "-" }
                owners != "owners" { $5 = "-" }
                { print }'
            """,
        ["ls -lR"] = """
            set -o pipefail; cd "$1/$4" && ls -lRAn --full-time . | sed '/^total /d' |
              awk -v named="$2" -v owners="$3" '
                /^d/ { $2 = "-"; $5 = "-"; if (named != "named") $6 = $7 = $8 = "-" }
                /^[-dl]/ && owners != "owners" { $3 = $4 = "-" }
                { $1 = $1; print }'
            """,
        ["tar c"] = """
            set -o pipefail; cd "$1/$4" && find . ! -type d | sort | tr '\n' '\0' |
              if [ "$3" = owners ]; then xargs -0 tar cf -; else xargs -0 cat; fi | sha256sum
            """,
        ["grep -r"] = """set -o pipefail; cd "$1/$4" && grep -r -c -e include -e the . | sort""",
        ["sha256sum"] = """set -o pipefail; cd "$1/$4" && find . -type f | sort | tr '\n' '\0' | xargs -0 sha256sum""",
    };

    /// <summary>Every archive with every tool.</summary>
    public static TheoryData<string, string> With(IEnumerable<string> archives, IReadOnlyDictionary<string, string> tools)
    {
        var pairs = new TheoryData<string, string>();
        foreach (string archive in archives)
        {
            foreach (string tool in tools.Keys.Where(tool => IsWorthwhile(archive, tool)))
                pairs.Add(archive, tool);
        }
        return pairs;
    }

    /// <summary>What is told of one archive of a kernel's sources is enough: of the other two, names, attributes and content.</summary>
    private static bool IsWorthwhile(string archive, string tool) =>
        archive is not ("linux.tar" or "linux.tar.gz") || tool is "find" or "find and stat" or "sha256sum";
}
