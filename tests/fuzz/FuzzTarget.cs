namespace Kaleidofs.Tests.Fuzz;

/// <summary>Something that is fuzzed in episodes: each begins with a fresh state and depends on nothing but its random numbers.</summary>
internal abstract class FuzzTarget : IDisposable
{
    /// <summary>By this it is chosen on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>Runs one episode.</summary>
    /// <returns>How many cases it had.</returns>
    /// <exception cref="FuzzException">A promise was broken.</exception>
    public abstract int Run(Xorshift random);

    /// <summary>After the last episode: what must hold then.</summary>
    public virtual void Finish()
    {
    }

    public abstract void Dispose();
}
