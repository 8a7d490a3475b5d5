using Kaleidofs.Drivers.Llm.Authors;
using Kaleidofs.Drivers.Llm.Definitions;
using Kaleidofs.Drivers.Llm.Worlds;

namespace Kaleidofs.Drivers.Llm.Generating;

/// <summary>Fills a world as one share looks at it: each listing and each content once, however many ask, as far as the share's budget goes.</summary>
internal sealed class Generator : IAsyncDisposable
{
    /// <summary>So long a failure is repeated without another call: a listing program asks for each name.</summary>
    private const int RestMilliseconds = 2000;

    private readonly World _world;
    private readonly WorldDefinition _definition;
    private readonly Author? _author;
    private readonly DriverLog _log;
    private readonly SemaphoreSlim _slots;
    private readonly SurroundingsReader _surroundings;

    /// <summary>What is under way; guarded by the world's lock.</summary>
    private readonly HashSet<Flight> _flights = [];
    private bool _isEnding;

    /// <param name="world">The world.</param>
    /// <param name="definition">What it is to be.</param>
    /// <param name="author">Who generates; null if nothing is generated any more.</param>
    /// <param name="budget">What may be spent.</param>
    /// <param name="log">Where failures are said.</param>
    public Generator(World world, WorldDefinition definition, Author? author, Budget budget, DriverLog log)
    {
        _world = world;
        _definition = definition;
        _author = author;
        _log = log;
        Budget = budget;
        _slots = new SemaphoreSlim(definition.Limits.Parallel);
        _surroundings = new SurroundingsReader(world);
    }

    public Budget Budget { get; }

    /// <summary>Whether content may be generated for no more than to know its size.</summary>
    public bool IsFree => _author is { IsFree: true } && !_definition.Limits.BoundsSpending;

    /// <summary>Returns when a directory has its entries.</summary>
    public ValueTask<Errno> EnsureListedAsync(WorldNode directory, CancellationToken cancellationToken)
        => directory.IsListed ? default : new(ListOnceAsync(directory, cancellationToken));

    /// <summary>Returns when a file has all of its content.</summary>
    public async ValueTask<Errno> EnsureContentAsync(WorldNode file, CancellationToken cancellationToken)
    {
        while (true)
        {
            Result<Flight?> joined = await JoinContentAsync(file, cancellationToken).ConfigureAwait(false);
            if (!joined.IsOk || joined.Value is not { } flight)
            {
                return joined.Errno;
            }
            // Once it has ended it is looked at again: somebody may have asked for another content meanwhile.
            Errno errno = await WaitAsync(flight, cancellationToken).ConfigureAwait(false);
            if (errno != Errno.None)
            {
                return errno;
            }
        }
    }

    /// <summary>Begins to generate a file's content, or joins who does. The caller leaves the flight. None if all of it is there.</summary>
    public ValueTask<Result<Flight?>> JoinContentAsync(WorldNode file, CancellationToken cancellationToken)
        => JoinAsync(file, static file => file.Content.IsFinal, WriteAsync, cancellationToken);

    /// <summary>Gives up what is under way, and returns when it has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        Flight[] flights;
        lock (_world.Gate)
        {
            _isEnding = true;
            flights = [.. _flights];
        }
        foreach (Flight flight in flights)
        {
            flight.Stop();
        }
        await Task.WhenAll(flights.Select(flight => flight.Completion)).ConfigureAwait(false);
        _author?.Dispose();
        _slots.Dispose();
    }

    private async Task<Errno> ListOnceAsync(WorldNode directory, CancellationToken cancellationToken)
    {
        Result<Flight?> joined = await JoinAsync(directory, static directory => directory.IsListed, (node, _, stop) => ListAsync(node, stop), cancellationToken).ConfigureAwait(false);
        return !joined.IsOk ? joined.Errno : joined.Value is { } flight ? await WaitAsync(flight, cancellationToken).ConfigureAwait(false) : Errno.None;
    }

    private static async ValueTask<Errno> WaitAsync(Flight flight, CancellationToken cancellationToken)
    {
        try
        {
            return await flight.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return Errno.EINTR;
        }
        finally
        {
            flight.Leave();
        }
    }

    private async ValueTask<Result<Flight?>> JoinAsync(WorldNode node, Predicate<WorldNode> isThere, Func<WorldNode, Flight, CancellationToken, Task<Errno>> work, CancellationToken cancellationToken)
    {
        while (true)
        {
            Flight ending;
            lock (_world.Gate)
            {
                if (isThere(node))
                {
                    return new Result<Flight?>((Flight?)null);
                }
                if (_author is null || _isEnding)
                {
                    return _author is null ? Errno.ENODATA : Errno.EIO;
                }
                if (node.Failure is { } failure && Environment.TickCount64 - failure.Time < RestMilliseconds)
                {
                    return failure.Errno;
                }
                if (node.Flight is { } flight && flight.TryJoin())
                {
                    return new Result<Flight?>(flight);
                }
                if (node.Flight is null or { Completion.IsCompleted: true })
                {
                    node.Flight = Flight.Start((begun, stop) => GuardAsync(node, begun, work, stop));
                    _flights.Add(node.Flight);
                    return new Result<Flight?>(node.Flight);
                }
                ending = node.Flight;
            }
            try
            {
                await ending.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return Errno.EINTR;
            }
        }
    }

    /// <summary>Does the work within the bound of calls at once; whatever it throws is its failure.</summary>
    private async Task<Errno> GuardAsync(WorldNode node, Flight flight, Func<WorldNode, Flight, CancellationToken, Task<Errno>> work, CancellationToken stop)
    {
        bool hasSlot = false;
        try
        {
            await _slots.WaitAsync(stop).ConfigureAwait(false);
            hasSlot = true;
            return await work(node, flight, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw;
        }
#pragma warning disable CA1031 // A model's library fails in ways of its own: it is one file that fails, not the share.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _log.Error(LogLine.Write($"{node.Path}: generating it failed: {exception.Message}"), exception);
            return Fail(node, Errno.EIO, $"{exception.GetType().Name}: {exception.Message}");
        }
        finally
        {
            if (hasSlot)
            {
                _slots.Release();
            }
            lock (_world.Gate)
            {
                _flights.Remove(flight);
            }
        }
    }

    private async Task<Errno> ListAsync(WorldNode directory, CancellationToken stop)
    {
        ListingRequest request;
        FixedEntry[] fixedEntries;
        lock (_world.Gate)
        {
            fixedEntries = [.. _definition.GetEntriesOf(directory.Path.Trim('/'))];
            request = new ListingRequest
            {
                World = _definition,
                Surroundings = SurroundingsReader.ReadNames(directory),
                About = directory.Facts.About,
                Depth = directory.Depth,
                MayHaveDirectories = directory.Depth < _definition.Limits.Depth,
                Fixed = [.. fixedEntries.Select(entry => entry.Name)],
                Budget = Budget,
            };
        }
        Outcome outcome = await _author!.ListAsync(request, stop).ConfigureAwait(false);
        if (outcome.Errno != Errno.None || outcome.Listing is not { } listing)
        {
            return await FailAsync(directory, outcome).ConfigureAwait(false);
        }
        HashSet<string> taken = [.. request.Fixed];
        List<EntryDraft> drafts = [.. listing.Entries.Where(entry => !taken.Contains(entry.Name) && (request.MayHaveDirectories || !entry.IsDirectory)).Take(_definition.Limits.Entries)];
        Provenance provenance = new(_author.Name, outcome.PromptDigest, DateTimeOffset.UtcNow, outcome.Usage);
        return await _world.ChangeAsync(records =>
        {
            if (directory.IsGone)
            {
                return Errno.ENOENT;
            }
            ulong next = 0;
            foreach (FixedEntry entry in fixedEntries)
            {
                NodeFacts facts = MakeNode(entry.Name, entry.IsDirectory, entry.Prompt, modified: null, Origin.Fixed, next++);
                records.AddNode(facts);
                if (entry.Text is { } text)
                {
                    records.AddPiece(facts.Inode, 0, System.Text.Encoding.UTF8.GetBytes(text));
                    records.AddFinished(facts.Inode, 0, new Provenance("", "", provenance.Time, default));
                }
            }
            foreach (EntryDraft draft in drafts)
            {
                records.AddNode(MakeNode(draft.Name, draft.IsDirectory, draft.About, draft.Modified, Origin.Generated, next++));
            }
            records.AddListed(directory.Inode, listing.Summary, provenance);
            return Errno.None;
        }, isDurable: true).ConfigureAwait(false);

        NodeFacts MakeNode(string name, bool isDirectory, string about, DateTimeOffset? modified, Origin origin, ulong index)
        {
            DateTimeOffset written = modified ?? provenance.Time;
            Timestamp time = Timestamp.From(written);
            return new NodeFacts
            {
                Inode = _world.NextInode + index,
                Parent = directory.Inode,
                Sequence = _world.NextSequence + index,
                Name = System.Text.Encoding.UTF8.GetBytes(name),
                Mode = isDirectory ? FileType.Directory | 0b111_101_101 : FileType.Regular | 0b110_100_100,
                UserId = directory.Facts.UserId,
                GroupId = directory.Facts.GroupId,
                ModificationTime = time,
                // Never in the future: what a user writes is later.
                ChangeTime = written < provenance.Time ? time : Timestamp.From(provenance.Time),
                Origin = origin,
                About = about,
            };
        }
    }

    private async Task<Errno> WriteAsync(WorldNode file, Flight flight, CancellationToken stop)
    {
        uint generation;
        Content content;
        lock (_world.Gate)
        {
            (generation, content) = (file.Generation, file.Content);
        }
        if (content.IsFinal)
        {
            return Errno.None;
        }
        if (content.Length >= _definition.Limits.FileBytes)
        {
            return Fail(file, Errno.EDQUOT, $"it is longer than {_definition.Limits.FileBytes} bytes");
        }
        ContentRequest request = new()
        {
            World = _definition,
            Surroundings = await _surroundings.ReadAsync(file).ConfigureAwait(false),
            Name = file.Name,
            About = file.Facts.About,
            Wish = file.Prompt,
            Kind = _definition.GetKind(file.Name),
            Beginning = await _world.ReadAllAsync(content, int.MaxValue).ConfigureAwait(false),
            Generation = generation,
            MaxBytes = _definition.Limits.FileBytes,
            Budget = Budget,
        };
        JournalSink sink = new(_world, file, generation, content.Length, request.MaxBytes, flight);
        Outcome outcome = await _author!.WriteAsync(request, sink, stop).ConfigureAwait(false);
        return outcome.Errno != Errno.None
            ? await FailAsync(file, outcome).ConfigureAwait(false)
            : await sink.FinishAsync(new Provenance(_author.Name, outcome.PromptDigest, DateTimeOffset.UtcNow, outcome.Usage)).ConfigureAwait(false);
    }

    private async ValueTask<Errno> FailAsync(WorldNode node, Outcome outcome)
    {
        if (outcome.Usage != default)
        {
            await _world.ChangeAsync(records =>
            {
                records.AddSpent(DateTimeOffset.UtcNow, outcome.Usage);
                return Errno.None;
            }).ConfigureAwait(false);
        }
        if (outcome.Errno is not (Errno.EDQUOT or Errno.EINTR))
        {
            _log.Warning(LogLine.Write($"{node.Path}: could not be generated: {outcome.Reason}"));
        }
        return Fail(node, outcome.Errno, outcome.Reason);
    }

    private Errno Fail(WorldNode node, Errno errno, string reason)
    {
        if (errno != Errno.EINTR)
        {
            lock (_world.Gate)
            {
                // A budget is asked at each look: that costs nothing.
                node.Failure = new Failure(errno, LogLine.Write(reason), errno == Errno.EDQUOT ? long.MinValue / 2 : Environment.TickCount64);
            }
        }
        return errno;
    }
}
