using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Kaleidofs.Tests.Servers.Llm;

/// <summary>A world that a real inference server writes, seen through the real program. What its model says has no sense, and often no form either.</summary>
public sealed partial class InferenceTests
{
    private const string World = """
        premise = "babble"
        [limits]
        depth = 2
        file_bytes = 8192
        prompt_tokens = 500

        """;

    [SkippableFact]
    public void What_it_writes_is_served_checked_and_stays_when_it_is_gone()
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        Skip.If(LlamaServer.Missing is not null, LlamaServer.Missing);
        using TemporaryFolder folder = new();
        const int Directories = 12;
        string world = folder.Write("world.toml", World
            + string.Concat(Enumerable.Range(0, Directories).Select(i => $"[[entry]]\npath = \"listed{i}\"\ndirectory = true\n\n"))
            + string.Concat(Enumerable.Range(0, 4).Select(i => $"[[entry]]\npath = \"text{i}\"\nprompt = \"babble\"\n\n")));
        string options = $"worlds={folder.Path}";
        using (LlamaServer server = new())
        {
            using HostProcess host = HostProcess.Mount($"llm:{world}", "-o", $"{options},endpoint={server.Endpoint},model=tiny,retries=0");
            // What stands beside a file is in its prompt: that is another request, and the next can come once a failed one is forgotten.
            Shell.Run("for i in 1 2 3 4 5 6; do ls \"$1\" && exit; sleep 2.2; done; exit 1", host.Place).Succeeded();
            int before = server.CompletionCount;
            Shell.Run("""
                set -eu
                cd "$1"
                for i in $(seq 16); do sha256sum text0 & done >"$2/sixteen"
                wait
                [ "$(sort -u "$2/sixteen" | wc -l)" = 1 ] && [ "$(wc -l <"$2/sixteen")" = 16 ]
                """, host.Place, folder.Path).Succeeded();
            Assert.True(server.CompletionCount == before + 1, server.Log + host.Log);
            Shell.Run("""
                set -u
                cd "$1"
                listed=0
                for directory in listed*; do
                  if ls -A1 "$directory" >"$2/$directory.ls" 2>"$2/error"; then listed=$((listed + 1)); else rm "$2/$directory.ls"; fi
                done
                echo "$listed" >"$2/listed"
                for file in text*; do
                  [ "$(wc -c <"$file")" = "$(cat "$file" | wc -c)" ] && [ -s "$file" ] || exit 1
                done
                sha256sum text* >"$2/sums"
                """, host.Place, folder.Path).Succeeded();
            // It was given the schema, so most of what it lists is a listing, if only one of names without sense.
            foreach (string directory in Directory.GetDirectories(host.Place, "listed*"))
            {
                bool isListed = File.Exists(folder.At($"{Path.GetFileName(directory)}.ls"));
                Assert.True(isListed || GetAttribute(directory, "user.llm.error").Length > 0, directory);
            }
            foreach (string file in Directory.GetFiles(host.Place, "text*"))
            {
                Assert.Equal("tiny", GetAttribute(file, "user.llm.model"));
                Assert.Equal("final", GetAttribute(file, "user.llm.state"));
                Assert.True(int.Parse(GetAttribute(file, "user.llm.tokens"), CultureInfo.InvariantCulture) > 100);
            }
            Assert.InRange(int.Parse(File.ReadAllText(folder.At("listed")), CultureInfo.InvariantCulture), Directories / 3, Directories);
        }
        using HostProcess frozen = HostProcess.Mount($"llm:{world}", "-o", $"{options},frozen");
        Shell.Run("""
            set -eu
            cd "$1"
            sha256sum -c --quiet "$2/sums"
            for listing in "$2"/*.ls; do
              directory=$(basename "$listing" .ls)
              ls -A1 "$directory" | diff "$listing" -
            done
            """, frozen.Place, folder.Path).Succeeded();
    }

    private static string GetAttribute(string path, string name)
    {
        byte[] value = new byte[1024];
        nint length = NativeMethods.GetAttribute(path, name, value, (nuint)value.Length);
        return length < 0 ? "" : Encoding.UTF8.GetString(value, 0, (int)length);
    }

    private static partial class NativeMethods
    {
        [LibraryImport("libc", EntryPoint = "getxattr", StringMarshalling = StringMarshalling.Utf8)]
        public static partial nint GetAttribute(string path, string name, Span<byte> value, nuint length);
    }
}
