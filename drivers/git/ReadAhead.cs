using System.Collections.Concurrent;
using Kaleidofs.Drivers.Git.Nodes;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git;

/// <summary>
/// Reads what a walk is about to ask for. Who goes through a tree waits for one answer after the other; with this the next ones
/// are made meanwhile, and given on the thread that was asked.
/// </summary>
/// <remarks>What it takes for a walk, and is none, costs a bounded number of directories and files each time.</remarks>
internal sealed class ReadAhead
{
    /// <summary>Directories whose own directories are to be read.</summary>
    private const int MaxDirectories = 256;
    private const int MaxJobs = 64;

    /// <summary>How far files are read ahead of the last that was asked for.</summary>
    private const int MaxFiles = 64;
    private const long MaxBytes = 2 << 20;

    /// <summary>Listings after a file was read in its turn that are taken for the same walk's.</summary>
    private const int Credit = 8;

    private readonly TreeReader _trees;
    private readonly BlobReader _blobs;
    private readonly BackgroundWork _directoryWork;
    private readonly BackgroundWork _fileWork;
    private readonly Lock _lock = new();
    private readonly LinkedList<Directory> _directories = new();
    private readonly ConcurrentQueue<Files> _files = new();
    private int _credit;

    public ReadAhead(TreeReader trees, BlobReader blobs, FileReader files)
    {
        (_trees, _blobs) = (trees, blobs);
        _directoryWork = new BackgroundWork(files, ReadDirectory);
        _fileWork = new BackgroundWork(files, ReadFile);
    }

    /// <summary>A directory is being listed from its beginning, with attributes. If that it is in has been, too, somebody goes through the tree.</summary>
    public void OnListed(TreeNode node, TreeContent content)
    {
        node.IsListed = true;
        if (node.Parent is TreeNode { IsListed: true } && node.TryBeginAhead())
        {
            lock (_lock)
            {
                // What was listed last is gone into first.
                _directories.AddFirst(new Directory(content));
                if (_directories.Count > MaxDirectories)
                {
                    _directories.RemoveLast();
                }
            }
            _directoryWork.Wake();
        }
        if (Volatile.Read(ref _credit) > 0 && node.LastRead < 0)
        {
            Interlocked.Decrement(ref _credit);
            Schedule(node, content, -1);
        }
    }

    /// <summary>A file is being read from its beginning. If it is the one behind the last that was read in its directory, the next ones are made ready.</summary>
    public void OnRead(TreeNode node, TreeContent content, int place)
    {
        int last = node.LastRead;
        if (place == last)
        {
            return;
        }
        node.LastRead = place;
        if (last < 0 ? node.AheadTo < place : GetNext(content, last) != place)
        {
            return;
        }
        Volatile.Write(ref _credit, Credit);
        if (node.AheadTo - place < MaxFiles / 2)
        {
            Schedule(node, content, place);
        }
    }

    public async Task EndAsync()
    {
        await _directoryWork.EndAsync().ConfigureAwait(false);
        await _fileWork.EndAsync().ConfigureAwait(false);
    }

    private void Schedule(TreeNode node, TreeContent content, int place)
    {
        int from = Math.Max(node.AheadTo, place) + 1;
        int to = place;
        long bytes = 0;
        for (int files = 0; files < MaxFiles && bytes < MaxBytes; files++)
        {
            int next = GetNext(content, to);
            if (next < 0)
            {
                to = content.Count - 1;
                break;
            }
            to = next;
            content.TryGetSize(next, out long size);
            bytes += Math.Min(size, BlobReader.BlockLength);
        }
        if (to < from)
        {
            return;
        }
        node.AheadTo = to;
        if (_files.Count >= MaxJobs)
        {
            _files.TryDequeue(out _);
        }
        _files.Enqueue(new Files(node, content, from, to));
        _fileWork.Wake();
    }

    /// <summary>The next file that somebody can read something of; -1 for none.</summary>
    private static int GetNext(TreeContent content, int place)
    {
        while (++place < content.Count)
        {
            if (IsFile(content, place) && (!content.TryGetSize(place, out long size) || size > 0))
            {
                return place;
            }
        }
        return -1;
    }

    private static bool IsFile(TreeContent content, int place)
        => content.GetKind(place) is TreeEntryKind.File or TreeEntryKind.Executable or TreeEntryKind.GroupWritable;

    private bool ReadDirectory()
    {
        Directory? directory;
        lock (_lock)
        {
            directory = _directories.First?.Value;
            while (directory is not null && (directory.Next == directory.Content.Count || directory.Content.GetKind(directory.Next) != TreeEntryKind.Directory))
            {
                if (directory.Next++ >= directory.Content.Count)
                {
                    _directories.RemoveFirst();
                    directory = _directories.First?.Value;
                }
            }
        }
        if (directory is null)
        {
            return false;
        }
        Result<TreeContent> read = _trees.Read(directory.Content.GetId(directory.Next++));
        if (read.IsOk)
        {
            _trees.LoadSizes(read.Value);
        }
        return true;
    }

    private bool ReadFile()
    {
        if (!_files.TryDequeue(out Files? files))
        {
            return false;
        }
        for (int place = files.From; place <= files.To; place++)
        {
            // What has been passed already was read without this.
            if (place > files.Node.LastRead && IsFile(files.Content, place) && files.Content.TryGetSize(place, out long size) && files.Content.GetPointer(place) is null)
            {
                _blobs.ReadAhead(files.Content.GetId(place), size);
            }
        }
        return true;
    }

    private sealed class Directory(TreeContent content)
    {
        public TreeContent Content => content;

        public int Next { get; set; }
    }

    private sealed record Files(TreeNode Node, TreeContent Content, int From, int To);
}
