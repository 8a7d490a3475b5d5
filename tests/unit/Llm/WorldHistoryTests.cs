using System.Globalization;
using System.Text;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Llm;

/// <summary>Random histories beside a model that is only dictionaries: looking, writing, renaming, removing, regenerating, and restarts in between.</summary>
public sealed class WorldHistoryTests : IDisposable
{
    private const int UsualSteps = 10_000;

    private readonly TemporaryFolder _folder = new();

    /// <summary>What each path that was looked at was seen to be: a directory's names, or a file's content.</summary>
    private readonly Dictionary<string, string> _contents = [];
    private readonly Dictionary<string, HashSet<string>> _listings = [];
    private readonly Dictionary<string, ulong> _inodes = [];

    private string _worlds;
    private int _crashes;

    public WorldHistoryTests() => _worlds = _folder.At("0");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nothing_diverges_over_a_long_history_with_restarts()
    {
        int seed = Read("KALEIDOFS_LLM_SEED", 20261);
        int steps = Read("KALEIDOFS_LLM_STEPS", UsualSteps);
        Random random = new(seed);
        OpenedWorld world = await OpenAsync();
        try
        {
            for (int step = 0; step < steps; step++)
            {
                try
                {
                    if (random.Next(100) == 0)
                    {
                        if (random.Next(2) == 0)
                        {
                            Crash(random);
                        }
                        await world.DisposeAsync();
                        world = await OpenAsync();
                        await CompareAsync(world);
                    }
                    else
                    {
                        await StepAsync(world, random, step);
                    }
                }
                catch (Exception exception)
                {
                    throw new InvalidOperationException($"seed {seed}, step {step}: {exception.Message}", exception);
                }
            }
            await CompareAsync(world);
        }
        finally
        {
            await world.DisposeAsync();
        }
        Assert.True(_contents.Count > 20, $"{_contents.Count} files");
        Assert.True(_crashes > 0 || steps < 1000);
    }

    private static int Read(string variable, int otherwise)
        => int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int value) ? value : otherwise;

    private Task<OpenedWorld> OpenAsync() => OpenedWorld.OpenAsync(_worlds, options: "depth=3");

    /// <summary>What a killed process leaves: all that it wrote, and sometimes the beginning of a change. The open world goes on elsewhere, and is forgotten.</summary>
    private void Crash(Random random)
    {
        string left = _folder.At($"{++_crashes}");
        Shell.Run("cp -r \"$1\" \"$2\"", _worlds, left).Succeeded();
        _worlds = left;
        if (random.Next(2) == 0)
        {
            byte[] torn = new byte[random.Next(1, 100)];
            random.NextBytes(torn);
            using FileStream journal = new(Directory.GetFiles(left, "journal", SearchOption.AllDirectories).Single(), FileMode.Append);
            journal.Write(torn);
        }
    }

    private async Task StepAsync(OpenedWorld world, Random random, int step)
    {
        string directory = await PickDirectoryAsync(world, random);
        HashSet<string> names = await LookAsync(world, directory);
        string? some = names.Count == 0 ? null : directory + "/" + names.Order(StringComparer.Ordinal).ElementAt(random.Next(names.Count));
        bool isDirectory = some is not null && (await world.StatAsync(some)).IsDirectory;
        string fresh = $"{directory}/u{step}.txt";
        switch (random.Next(9))
        {
            case 0:
                Assert.Equal(Errno.None, await world.WriteAsync(fresh, $"written at {step}"));
                Note(fresh, $"written at {step}");
                break;
            case 1:
                string made = $"{directory}/d{step}";
                Assert.Equal(Errno.None, await world.MakeDirectoryAsync(made));
                _listings[made] = [];
                names.Add($"d{step}");
                break;
            case 2 when some is not null:
                HashSet<string> within = isDirectory ? await LookAsync(world, some) : [];
                Assert.Equal(within.Count > 0 ? Errno.ENOTEMPTY : Errno.None, await world.RemoveAsync(some));
                if (within.Count == 0)
                {
                    Forget(some);
                }
                break;
            case 3 when some is not null:
                string target = await PickDirectoryAsync(world, random) + $"/r{step}{Path.GetExtension(some)}";
                bool isWithin = target.StartsWith(some + "/", StringComparison.Ordinal);
                Assert.Equal(isWithin ? Errno.EINVAL : Errno.None, await world.RenameAsync(some, target));
                if (!isWithin)
                {
                    Move(some, target);
                }
                break;
            case 4 when some is not null && !isDirectory:
                // Over its first bytes: the rest stays.
                string before = await ReadAsync(world, some);
                Assert.Equal(Errno.None, await world.WriteAsync(some, "edit", truncates: false));
                _contents[some] = "edit" + (before.Length > 4 ? before[4..] : "");
                break;
            case 5 when some is not null && !isDirectory && !some.Contains("/.history/", StringComparison.Ordinal):
                string old = await ReadAsync(world, some);
                Assert.Equal(Errno.None, await world.PromptAsync(some, $"wish {step}"));
                _contents.Remove(some);
                string kept = $"{directory}/.history";
                _listings.TryAdd(kept, []);
                names.Add(".history");
                string name = (await world.ListAsync(kept)).Single(name => !_listings[kept].Contains(name));
                Note($"{kept}/{name}", old);
                break;
            default:
                if (some is not null && !isDirectory)
                {
                    await ReadAsync(world, some);
                }
                break;
        }
    }

    private async Task<string> PickDirectoryAsync(OpenedWorld world, Random random)
    {
        string directory = "";
        while (true)
        {
            HashSet<string> names = await LookAsync(world, directory);
            List<string> directories = [];
            foreach (string name in names.Order(StringComparer.Ordinal))
            {
                if ((await world.StatAsync($"{directory}/{name}")).IsDirectory)
                {
                    directories.Add(name);
                }
            }
            if (directories.Count == 0 || random.Next(3) == 0)
            {
                return directory;
            }
            directory += "/" + directories[random.Next(directories.Count)];
        }
    }

    private async Task<HashSet<string>> LookAsync(OpenedWorld world, string directory)
    {
        List<string> listed = await world.ListAsync(directory);
        if (_listings.TryGetValue(directory, out HashSet<string>? names))
        {
            Assert.True(names.SetEquals(listed), $"{directory}: [{string.Join(' ', names.Order(StringComparer.Ordinal))}] became [{string.Join(' ', listed.Order(StringComparer.Ordinal))}]");
            return names;
        }
        return _listings[directory] = [.. listed];
    }

    private async Task<string> ReadAsync(OpenedWorld world, string file)
    {
        string content = await GetAsync(world, file);
        ulong inode = await world.GetInodeAsync(file);
        if (_contents.TryGetValue(file, out string? known))
        {
            Assert.Equal(known, content);
        }
        Assert.Equal(_inodes.GetValueOrDefault(file, inode), inode);
        _inodes[file] = inode;
        return _contents[file] = content;
    }

    /// <summary>A file's bytes, each as one character.</summary>
    private static async Task<string> GetAsync(OpenedWorld world, string file)
    {
        Result<byte[]> content = await world.TryReadAsync(file);
        Assert.Equal(Errno.None, content.Errno);
        return Encoding.Latin1.GetString(content.Value);
    }

    private async Task CompareAsync(OpenedWorld world)
    {
        foreach (string directory in _listings.Keys.ToArray())
        {
            await LookAsync(world, directory);
        }
        foreach ((string file, string content) in _contents)
        {
            Assert.Equal(content, await GetAsync(world, file));
            Assert.Equal(content.Length, (int)(await world.StatAsync(file)).Size);
        }
        foreach ((string path, ulong inode) in _inodes)
        {
            Assert.Equal(inode, await world.GetInodeAsync(path));
        }
    }

    private void Note(string file, string content)
    {
        _contents[file] = content;
        int slash = file.LastIndexOf('/');
        _listings[file[..slash]].Add(file[(slash + 1)..]);
    }

    private void Forget(string path)
    {
        int slash = path.LastIndexOf('/');
        _listings[path[..slash]].Remove(path[(slash + 1)..]);
        _contents.Remove(path);
        _listings.Remove(path);
        _inodes.Remove(path);
    }

    private void Move(string from, string to)
    {
        Rekey(_contents, from, to);
        Rekey(_listings, from, to);
        Rekey(_inodes, from, to);
        int slash = from.LastIndexOf('/');
        _listings[from[..slash]].Remove(from[(slash + 1)..]);
        slash = to.LastIndexOf('/');
        _listings[to[..slash]].Add(to[(slash + 1)..]);
    }

    private static void Rekey<T>(Dictionary<string, T> values, string from, string to)
    {
        foreach ((string path, T value) in values.Where(pair => pair.Key == from || pair.Key.StartsWith(from + "/", StringComparison.Ordinal)).ToArray())
        {
            values.Remove(path);
            values[to + path[from.Length..]] = value;
        }
    }
}
